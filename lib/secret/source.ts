import { isIP } from 'node:net'

/** Where a secret comes from, as the inventory says it. */
export type Source =
  | { readonly from_age: string }
  | { readonly from_env: string }
  | { readonly from_file: string }
  | { readonly from_command: readonly string[] }
  | { readonly generate: string }
  | { readonly local_ca: 'certificate' | 'key'; readonly names?: readonly string[] }
  | { readonly private_ca: PrivatePart }

/** What an authority of the environment's own gives hosts by which they know each other. */
export const privateParts = [
  'authority',
  'server_certificate',
  'server_key',
  'client_certificate',
  'client_key',
] as const
export type PrivatePart = (typeof privateParts)[number]

/** Those that are read outside the inventory. */
export type OuterSource = Exclude<Source, { readonly from_age: string }>

/** What is wrong with a source, and at which key; the text never repeats a value, which might be the secret itself. */
export interface SourceFault {
  readonly path: readonly string[]
  readonly message: string
  /** the key that was not understood, for a nearest name */
  readonly unknown?: string
}

export const sourceKinds = [
  'from_age',
  'from_env',
  'from_file',
  'from_command',
  'generate',
  'local_ca',
  'private_ca',
] as const
export const sourceKeys: readonly string[] = [...sourceKinds, 'names']

const hostName = /^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*$/i
const kinds = `${sourceKinds.slice(0, -1).join(', ')} or ${sourceKinds.at(-1)}`

/** Whether a mapping is a source; the faults are empty when it is one. */
export function checkSource(value: Readonly<Record<string, unknown>>): readonly SourceFault[] {
  const unknown = Object.keys(value).filter((key) => !sourceKeys.includes(key))
  if (unknown.length > 0)
    return unknown.map((key) => ({ path: [key], message: 'unknown secret source', unknown: key }))
  const given = sourceKinds.filter((kind) => kind in value)
  const [kind] = given
  if (kind === undefined) return [{ path: [], message: `expected a secret source: ${kinds}` }]
  if (given.length > 1)
    return [{ path: [], message: `expected one secret source, got ${given.join(' and ')}` }]
  const faults: SourceFault[] = []
  if (!shapes[kind].test(value[kind]))
    faults.push({ path: [kind], message: `expected ${shapes[kind].expected}` })
  if ('names' in value && kind !== 'local_ca') {
    faults.push({ path: ['names'], message: '`names` goes with local_ca only' })
  } else if ('names' in value && !(isTexts(value.names) && value.names.every(isServerName))) {
    faults.push({ path: ['names'], message: 'expected a list of host names and IP addresses' })
  }
  return faults
}

/** Whether checked data is a source; use it where checkSource has found no fault. */
export function isSource(value: unknown): value is Source {
  return typeof value === 'object' && value !== null && checkSource({ ...value }).length === 0
}

/** Whether a certificate can be made out to it: a DNS name, also with a leading `*.`, or an IP address. */
export function isServerName(name: string): boolean {
  return isIP(name) !== 0 || (hostName.test(name) && name.length <= 253)
}

const shapes: Record<(typeof sourceKinds)[number], { expected: string; test(value: unknown): boolean }> = {
  from_age: { expected: 'a name in an encrypted file', test: matches(/^[^\0]+$/) },
  from_env: { expected: 'the name of an environment variable', test: matches(/^[A-Za-z_][A-Za-z0-9_]*$/) },
  from_file: { expected: 'a path', test: matches(/^[^\0]+$/) },
  from_command: { expected: 'a list: the program and its arguments', test: isTexts },
  generate: {
    expected: 'a name of letters, digits, `-`, `_` and `.`',
    test: matches(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/),
  },
  local_ca: { expected: '`certificate` or `key`', test: matches(/^(certificate|key)$/) },
  private_ca: {
    expected: `one of ${privateParts.join(', ')}`,
    test: (value) => privateParts.some((part) => part === value),
  },
}

function matches(shape: RegExp): (value: unknown) => boolean {
  return (value) => typeof value === 'string' && shape.test(value)
}

function isTexts(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string' && item !== '')
  )
}
