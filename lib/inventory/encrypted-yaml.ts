import { isMap, isScalar, LineCounter, parseDocument, type YAMLError } from 'yaml'
import { Secret } from '../secret/index.ts'
import type { Faults } from './fault.ts'
import { type Variable, valuePlace, variablesOf } from './variable.ts'
import { YamlFile } from './yaml.ts'

/** A secret of an encrypted file, and how it stands among a host's variables: as the source `{ from_age: name }`. */
export interface EncryptedValue {
  readonly secret: Secret
  readonly variable: Variable
}

/**
 * The secrets of a decrypted file: `name: text`. Lines count as `secrets.ts edit` shows them. No fault repeats
 * anything of the text but names: what the parser says of a mistake would quote it.
 */
export function readEncryptedYaml(path: string, text: string, faults: Faults): Map<string, EncryptedValue> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const file = new YamlFile(path, document, lines)
  const found = new Map<string, EncryptedValue>()
  // One mistake often makes the parser stumble again on the same line.
  const told = new Set<number>()
  for (const problem of [...document.errors, ...document.warnings]) {
    const place = file.placeAt(problem.pos[0])
    if (!told.has(place.line)) faults.add(place, wordsFor(problem), cure)
    told.add(place.line)
  }
  if (document.errors.length + document.warnings.length > 0) return found
  const root = document.contents
  if (!isMap(root)) {
    if (root !== null && !(isScalar(root) && root.value === null))
      faults.add(file.start, 'expected secrets, each as `name: value`', cure)
    return found
  }
  for (const variable of variablesOf(file, root, faults).values()) {
    const value = textOf(variable)
    if (value === undefined || value === '') {
      const message = `\`${variable.name}\`: ${value === '' ? 'is empty' : 'expected text'}`
      faults.add(valuePlace(variable), message, cure)
      continue
    }
    const source = { ...variable, value: { from_age: variable.name }, encrypted: true }
    found.set(variable.name, { secret: new Secret(value), variable: source })
  }
  return found
}

const cure = 'see it with line numbers in your editor: npx zx playbooks/secrets.ts edit'

/** A number or a word like `yes` is meant as it is written: 0123 is no octal, 1.10 is not 1.1. */
function textOf({ pair, value }: Variable): string | undefined {
  if (typeof value === 'string') return value
  const node = pair.value
  return isScalar(node) && value !== null ? node.source : undefined
}

function wordsFor({ code }: YAMLError): string {
  return `YAML: ${words[code] ?? `not understood (${code.toLowerCase().replaceAll('_', ' ')})`}`
}

const words: Readonly<Record<string, string>> = {
  BAD_DQ_ESCAPE: 'a backslash in double quotes begins an escape: use single quotes',
  BAD_SCALAR_START: 'a character that has a meaning of its own: put the value in quotes',
  BAD_ALIAS: 'a * at the start has a meaning of its own: put the value in quotes',
  BAD_INDENT: 'wrong indentation',
  TAB_AS_INDENT: 'a tab where spaces must be',
  DUPLICATE_KEY: 'a name is given twice',
  MISSING_CHAR: 'something is missing here: a closing quote, a bracket or a colon',
  TAG_RESOLVE_FAILED: 'a tag (!…) has no meaning here; put the value in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a colon too many: put the value in quotes',
  MULTILINE_IMPLICIT_KEY: 'a name over several lines: is a colon missing?',
  UNEXPECTED_TOKEN: 'a character that has a meaning of its own: put the value in quotes',
}
