import { resolve } from 'node:path'
import { isMap, LineCounter, parseDocument } from 'yaml'
import { messageOf, UsageError } from '../error.ts'
import { Faults, type Place } from './fault.ts'
import { wordsOf } from './key-values.ts'
import { propertyOf } from './property.ts'
import type { Property, VarsSchema } from './schema.ts'
import { typed } from './typed.ts'
import { type Variable, type Variables, variablesOf } from './variable.ts'
import { parseYaml, readYaml, YamlFile } from './yaml.ts'

export const extraVarsFlag = '--extra-vars'
const place: Place = { file: extraVarsFlag, line: 0, column: 0 }

/** What stands on a command line, and so on no line of a file. */
class CommandLine extends YamlFile {
  override get start(): Place {
    return place
  }

  override placeAt(): Place {
    return place
  }
}

/**
 * The variables of `--extra-vars`, each given as `key=value` words, as `@file.yaml` (or .json), or as an inline mapping;
 * a later one over an earlier. Words are typed by the schema of the variable that they name. Throws for a file that is
 * not there, for what is none of the three, and for a secret's value: on a command line every user of this machine
 * could read it. Names and types are judged later, together with those of the files.
 */
export async function readExtraVars(
  given: readonly string[],
  schemas: readonly { readonly schema: VarsSchema }[],
): Promise<Variables> {
  const faults = new Faults()
  const found = new Map<string, Variable>()
  for (const text of given) {
    const own = text.trimStart().startsWith('@')
      ? await fromFile(text.trim().slice(1), faults)
      : fromText(text, schemas, faults)
    for (const [name, variable] of own) found.set(name, variable)
  }
  faults.throwIfAny()
  return found
}

async function fromFile(path: string, faults: Faults): Promise<Variables> {
  let file: YamlFile | undefined
  try {
    file = await readYaml(resolve(path), faults)
  } catch (error) {
    throw new UsageError(`${extraVarsFlag} @${path}: it cannot be read: ${messageOf(error)}`)
  }
  return file === undefined ? new Map() : inMapping(file, faults)
}

function fromText(
  text: string,
  schemas: readonly { readonly schema: VarsSchema }[],
  faults: Faults,
): Variables {
  if (/^\s*\{/.test(text)) {
    const file = parseYaml(text, faults, (document, lines) => new CommandLine(extraVarsFlag, document, lines))
    const found = file === undefined ? new Map<string, Variable>() : inMapping(file, faults)
    for (const { name, value } of found.values())
      refusePlainSecret(name, value, propertyOf(name, schemas), faults)
    return found
  }
  const values: Record<string, unknown> = {}
  for (const { key, value } of wordsOf(text)) {
    if (value === undefined || key === '') {
      faults.add(place, `\`${key === '' ? `=${value}` : key}\` is no key=value`, shapes)
      continue
    }
    const property = propertyOf(key, schemas)
    values[key] = typed(value, property)
    refusePlainSecret(key, values[key], property, faults)
  }
  const lines = new LineCounter()
  return inMapping(new CommandLine(extraVarsFlag, parseDocument(JSON.stringify(values)), lines), faults)
}

function inMapping(file: YamlFile, faults: Faults): Variables {
  const root = file.document.contents
  if (isMap(root)) return variablesOf(file, root, faults)
  if (root !== null) faults.add(file.start, 'expected variables, each as `name: value`')
  return new Map()
}

const shapes = "one of: key=value (quote a value with spaces: key='a b'), @file.yaml, '{\"key\": value}'"

function refusePlainSecret(
  name: string,
  value: unknown,
  property: Property | undefined,
  faults: Faults,
): void {
  if (property?.format !== 'secret' || (typeof value === 'object' && value !== null)) return
  const hint = `give its source: ${extraVarsFlag} '{"${name}": {"from_env": "NAME"}}'`
  faults.add(
    place,
    `\`${name}\` is a secret: on a command line every user of this machine could read it`,
    hint,
  )
}
