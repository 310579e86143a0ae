import type { Place } from '../inventory/fault.ts'

/** What can be wrong with the settings and secrets of a stage: the word that a finding ends with. */
export type Kind =
  | 'missing'
  | 'unknown'
  | 'malformed'
  | 'insecure'
  | 'duplicate'
  | 'misplaced-secret'
  | 'permissions'

/** One thing wrong, where it stands, and what to write instead. It names keys and rules, never a value. */
export interface Finding extends Place {
  readonly kind: Kind
  readonly message: string
  readonly hint: string
}

export function finding(kind: Kind, { file, line, column }: Place, message: string, hint: string): Finding {
  return { kind, file, line, column, message, hint }
}

/** As a compiler tells it: "file:line:column: what  [kind]", and below it what to write instead. */
export function told({ file, line, column, message, hint, kind }: Finding): string {
  return `${file}:${line}:${column}: ${message}  [${kind}]\n    ${hint}`
}
