import type { TableSource } from './tables.ts'

/** Below that a table is not worth a dump of its own. Bytes. */
export const worthwhile = 16 * 1024 * 1024

/** A command line has an end. */
const most = 200

/** A table as dumps are shared out by it. */
export type Sized = Pick<TableSource, 'schema' | 'name' | 'kind' | 'size' | 'condition' | 'member'>

/** A table whose rows are in a dump of its own, or with others'. */
export interface TableName {
  readonly schema: string
  readonly name: string
}

/**
 * Whose rows go into further dumps, so that `dumps` of them are about alike: the largest first, each to the one that has the
 * least. What is not named stays in the main one, with everything else; so do tables that belong to an extension, whose rows
 * pg_dump only takes along with that, and large objects, of so many bytes. A dump for which nothing is left is none.
 */
export function shareOut(
  tables: readonly Sized[],
  dumps: number,
  largeObjects = 0,
): readonly (readonly TableName[])[] {
  // A materialized view is filled anew: no dump has its rows.
  const held = tables.filter(({ kind }) => kind !== 'matview')
  const large = held
    .filter((each) => !each.member && each.condition === '')
    .filter(({ size }) => Number(size) >= worthwhile)
    .toSorted((a, b) => Number(b.size) - Number(a.size))
    .slice(0, most)
  const rest = held.filter((each) => !large.includes(each))
  const loads = Array.from({ length: dumps }, (_, index) => ({
    bytes: index === 0 ? rest.reduce((sum, { size }) => sum + Number(size), largeObjects) : 0,
    tables: [] as TableName[],
  }))
  for (const { schema, name, size } of large) {
    const least = loads.reduce((a, b) => (b.bytes < a.bytes ? b : a))
    least.bytes += Number(size)
    least.tables.push({ schema, name })
  }
  return loads.slice(1).flatMap((each) => (each.tables.length === 0 ? [] : [each.tables]))
}
