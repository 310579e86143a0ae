import type { Facts } from './facts.ts'

/** A thing to plant in a folder before a case; parents come before what they hold. */
export type Plant = { readonly at: string } & (
  | {
      readonly kind: 'file'
      /** bytes as latin1 */
      readonly content: string
      readonly mode?: number
      readonly owner?: Owner | undefined
    }
  | { readonly kind: 'directory'; readonly mode?: number; readonly owner?: Owner | undefined }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'fifo' }
)

/** A user and a group by number and by name. */
export interface Owner {
  readonly uid: number
  readonly gid: number
  readonly user: string
  readonly group: string
}

/** A folder of its own for a case, on this machine or on a host, and a look at it that no resource had a hand in. */
export interface Grove {
  /** absolute path; empty at first */
  readonly folder: string
  plant(things: readonly Plant[]): Promise<void>
  look(): Promise<Facts>
}

/** What a look says of one thing. Times are strings, compared alone. */
export interface Seen {
  readonly kind: string
  readonly mode: string
  readonly uid: string
  readonly gid: string
  readonly inode: string
  readonly modified: string
  /** latin1; of a file */
  readonly content?: string | undefined
  /** of a link */
  readonly target?: string | undefined
}

/** Facts of a thing at a path below the folder. */
export function factsOf(at: string, seen: Seen): [string, string][] {
  return Object.entries(seen).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[`${at}: ${key}`, value]] : [],
  )
}

/** One fact of a thing: `fact(look, 'conf', 'mode')`. */
export function fact(facts: Facts, at: string, key: keyof Seen): string | undefined {
  return facts.get(`${at}: ${key}`)
}

/** The path that a fact is about. */
export function pathOf(key: string): string {
  return key.slice(0, key.lastIndexOf(': '))
}
