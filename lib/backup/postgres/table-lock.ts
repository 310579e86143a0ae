import { QuaysideError } from '../../error.ts'
import type { Database } from '../../postgres/database.ts'
import { qualified } from '../../postgres/identifier.ts'
import { sqlState } from '../../postgres/sql-error.ts'

/** How long a table may be in somebody's exclusive hands before we give up: all who want it later wait behind us. */
const waitSeconds = 30

export interface Lockable {
  readonly oid: number
  readonly schema: string
  readonly name: string
}

/** Every table that may be locked: LOCK takes no materialized view, sequence or foreign table. */
export function lockableTables(database: Database): Promise<readonly Lockable[]> {
  return database.rows<Lockable>(
    `select c.oid, n.nspname as schema, c.relname as name
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and c.relpersistence <> 't'
        and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
      order by c.oid`,
  )
}

/** Holds tables as they are until the transaction ends: read and written by everybody, but not dropped, truncated or altered. */
export async function holdTables(database: Database, tables: readonly Lockable[]): Promise<void> {
  if (tables.length === 0) return
  const names = tables.map((each) => `only ${qualified(each)}`)
  try {
    await database.rows(`set local lock_timeout = '${waitSeconds}s'`)
    await database.rows(`lock table ${names.join(', ')} in access share mode`)
    await database.rows('set local lock_timeout = 0')
  } catch (error) {
    if (sqlState(error) !== '55P03') throw error
    throw new QuaysideError(
      `database ${database.name}: a table is being altered or dropped, or somebody waits to do it, and it took longer than ${waitSeconds} s`,
      {
        hint: 'once the migration is through, try again; select * from pg_locks where not granted shows who waits',
        cause: error,
      },
    )
  }
}
