import { isScalar, parseDocument, visit } from 'yaml'
import { exposedIn } from '../secret/plain-text.ts'
import { type Finding, finding } from './finding.ts'
import { randomTexts } from './random-text.ts'
import { placeAt, type Source } from './sources.ts'

/** Names whose value nobody should read. */
const secretName =
  /(^|[_-])(password|passwd|passphrase|secret|token|credentials?|api_?key|private_key|access_key)$/i

/**
 * Secrets in plain text: by their shape (private keys, clouds' and services' tokens), by the name that they are given
 * in an inventory or a Dockerfile, and long texts that look like chance. The text itself is never repeated.
 */
export function secretFindings(sources: readonly Source[]): readonly Finding[] {
  return sources
    .filter(({ path }) => /^(inventory|playbooks|roles|stack|compose|docker|\.ci)\//.test(path))
    .flatMap(inSource)
}

function inSource(source: Source): readonly Finding[] {
  const { path, shown, text } = source
  const found = exposedIn(text).map(({ line, column, what }) =>
    finding(
      'plain-secret',
      { file: shown, line, column },
      `${what} stands here in plain text`,
      hintFor(path),
    ),
  )
  const named = [
    ...(/^inventory\/.*\.ya?ml$/.test(path) ? namedInYaml(source) : []),
    ...(/(^|\/)(Dockerfile|Containerfile)|\.env(\.example)?$/.test(path) ? namedInLines(source) : []),
  ].map(({ name, offset }) => {
    const message = `\`${name}\` has its value here in plain text`
    return finding('plain-secret', placeAt(source, offset), message, hintFor(path))
  })
  const random = randomTexts(text).map((offset) =>
    finding(
      'plain-secret',
      placeAt(source, offset),
      'a text that looks like a key or a token stands here',
      hintFor(path),
    ),
  )
  // The best known of what a line holds: one line has one cure.
  const told = new Map<number, Finding>()
  for (const each of [...found, ...named, ...random]) if (!told.has(each.line)) told.set(each.line, each)
  return [...told.values()]
}

function namedInYaml({ text }: Source): readonly { name: string; offset: number }[] {
  const found: { name: string; offset: number }[] = []
  visit(parseDocument(text), {
    Pair(_, { key, value }) {
      if (!isScalar(key) || !isScalar(value) || !secretName.test(String(key.value))) return
      if (!isValue(value.value)) return
      found.push({ name: String(key.value), offset: value.range?.[0] ?? 0 })
    },
  })
  return found
}

/** ENV NAME=value, ARG NAME=value, NAME=value */
function namedInLines({ text }: Source): readonly { name: string; offset: number }[] {
  const assignments = /^[ \t]*(?:(?:ENV|ARG|export)[ \t]+)?([A-Za-z_]\w*)=["']?([^\s"'#]+)/gm
  return [...text.matchAll(assignments)].flatMap((match) => {
    const [all, name = '', value = ''] = match
    if (!secretName.test(name) || !isValue(value)) return []
    return [{ name, offset: match.index + all.lastIndexOf(value) }]
  })
}

/** What can be a secret itself: not a path to one, not a reference, not a switch. */
function isValue(value: unknown): boolean {
  if (typeof value === 'number') return true
  return typeof value === 'string' && value !== '' && !/^([~/.$]|\{state\})/.test(value)
}

function hintFor(path: string): string {
  return path.startsWith('inventory/')
    ? 'change it, then encrypt the new one: docs/secrets.md; a source stands in its place, { from_age: NAME }'
    : 'change it, then take the new one from a variable of the inventory that is secret: docs/secrets.md'
}
