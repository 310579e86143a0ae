import type { Wished } from './origin.ts'
import type { Entry, Wanted } from './toc.ts'

/** Which databases are wanted, and what is to become of them. */
export interface DatabaseChoice {
  /** none for no database */
  readonly databases: readonly Wished[]
  readonly wanted?: Wanted | undefined
  /** the name of the one database, where a person gives it */
  readonly as?: string | undefined
  /** whether they take the place of those that serve */
  readonly swap: boolean
  readonly globals: boolean
  /** by database */
  readonly scrub: ReadonlyMap<string, readonly string[]>
  readonly jobs: number
}

/** What of a backup is wanted. */
export interface Choice extends DatabaseChoice {
  readonly redis: boolean
  readonly volumes: boolean
}

/** The dumps' tables of contents, by index of the choice's databases. */
export type Heads = readonly (readonly Entry[])[]
