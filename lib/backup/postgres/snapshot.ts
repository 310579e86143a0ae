import { QuaysideError } from '../../error.ts'
import type { Database, Server } from '../../postgres/database.ts'
import { sqlState } from '../../postgres/sql-error.ts'
import { type SequencePart, sequencesOf, spanned } from './sequences.ts'
import { openReader } from './session.ts'
import { holdTables, lockableTables } from './table-lock.ts'
import { majorOf, serverVersion } from './version.ts'

const attempts = 5

/** One moment of a database that others can look at as long as it is open. */
export interface Snapshot extends AsyncDisposable {
  /** for `set transaction snapshot` and `pg_dump --snapshot` */
  readonly id: string
  /** by the server's clock, in ISO 8601: what was committed before is in it */
  readonly at: string
  /** of the server: "15.4" */
  readonly version: string
  readonly database: Database
  /**
   * Sequences, which no snapshot holds still: where each stood when this was opened and, if it has moved on, where it
   * stands now. To be asked once a dump has ended, whose values then lie between.
   */
  sequences(): Promise<readonly SequencePart[]>
  close(): Promise<void>
}

export interface SnapshotOptions {
  readonly purpose?: string
  readonly signal?: AbortSignal
}

/**
 * Takes the snapshot that a dump and the count of its rows share. Every table is locked against being dropped,
 * truncated or rewritten before the snapshot is taken, and until it is closed: none of these is undone by a snapshot, so one of them
 * in between would give a dump that lacks rows which were there. What came to be meanwhile is found, and it begins again.
 */
export async function openSnapshot(
  server: Server,
  name: string,
  { purpose = 'backup', ...rest }: SnapshotOptions = {},
): Promise<Snapshot> {
  const database = await openReader(server, name, { purpose, ...rest })
  try {
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const taken = await take(database)
      if (taken !== undefined)
        return { ...taken, close: database.close, [Symbol.asyncDispose]: database.close }
      await database.rows('rollback')
    }
  } catch (error) {
    await database.close()
    throw error
  }
  await database.close()
  throw new QuaysideError(
    `database ${name}: tables come and go so fast that no moment could be held still, in ${attempts} attempts`,
    { hint: 'try again when migrations are through' },
  )
}

async function take(database: Database) {
  const version = await serverVersion(database)
  if (majorOf(version) < 14)
    throw new QuaysideError(
      `the server of database ${database.name} is PostgreSQL ${version}, and backups need 14 or newer`,
    )
  const before = await lockableTables(database)
  await database.rows('begin isolation level repeatable read, read only')
  try {
    await holdTables(database, before)
    // The snapshot is that of the first query, and statement_timestamp() is from just before it.
    const [row] = await database.rows<{ id: string; at: string }>(
      `select pg_export_snapshot() as id,
              to_char(statement_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at`,
    )
    const held = new Set(before.map(({ oid }) => oid))
    const all = await lockableTables(database)
    if (row === undefined || !all.every(({ oid }) => held.has(oid))) return undefined
    const opened = await sequencesOf(database)
    return { ...row, version, database, sequences: async () => spanned(opened, await sequencesOf(database)) }
  } catch (error) {
    // Dropped, or renamed, since we asked for their names.
    if (['42P01', '3F000'].includes(sqlState(error) ?? '')) return undefined
    throw error
  }
}
