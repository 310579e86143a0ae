import { type Rule, rules } from '../dockerfile/index.ts'
import type { Place } from '../inventory/fault.ts'

/** What is wrong with a Dockerfile, by the name of its rule. */
const ofDockerfiles = Object.keys(rules) as readonly Rule[]

/** What can be found: the word that a finding ends with, and that a comment ignores it by. */
export const kinds = [
  'types',
  'inventory',
  'unused-variable',
  'shadowed-variable',
  'unknown-tag',
  'unpinned-image',
  'plain-secret',
  'drift',
  'ignore',
  ...ofDockerfiles,
] as const

export type Kind = (typeof kinds)[number]

/**
 * What a comment may ignore. Types have @ts-expect-error; a playbook would refuse the inventory all the same, and a build
 * what is no Dockerfile.
 */
export const ignorable: readonly Kind[] = [
  'unused-variable',
  'shadowed-variable',
  'unknown-tag',
  'unpinned-image',
  'plain-secret',
  ...ofDockerfiles.filter((rule) => rule !== 'DL1000' && rule !== 'DL3061'),
]

/** One thing wrong, where it stands, and what to write instead. No secret is ever repeated in it. */
export interface Finding extends Place {
  readonly kind: Kind
  readonly message: string
  readonly hint: string | undefined
}

export function finding(kind: Kind, place: Place, message: string, hint?: string): Finding {
  const { file, line, column } = place
  return { kind, file, line, column, message, hint }
}

/** As a compiler tells it: "file:line:column: what  [kind]", and below it what to write instead. */
export function told({ file, line, column, message, hint, kind }: Finding): string {
  return `${file}:${line}:${column}: ${message}  [${kind}]${hint === undefined ? '' : `\n    ${hint}`}`
}
