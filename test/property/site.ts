import fc from 'fast-check'
import type { Connection } from '../../lib/connection/connection.ts'
import type { Cut } from './laws.ts'
import type { Grove, Owner } from './tree.ts'

/** Where cases are made real: one connection for all of them, a folder of its own for each. */
export interface Site {
  readonly connection: Connection
  /** whom a file may belong to: the tests' own user where there is no root */
  readonly owners: readonly [Owner, ...Owner[]]
  /** a new, empty folder */
  grove(): Promise<Grove>
  /** a path that no look sees */
  readonly count: string
}

/** Where an apply is cut off, or that it is not. */
export const cutPoint = fc.option(fc.record({ at: fc.integer({ min: 1, max: 9 }), after: fc.boolean() }), {
  freq: 2,
})

/** The cut of a case on this site. */
export function cutOn(site: Site, point: { at: number; after: boolean } | null): { cut?: Cut } {
  return point === null ? {} : { cut: { ...point, count: site.count } }
}
