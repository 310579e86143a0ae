import type { Database } from '../../postgres/database.ts'

/** Settings of a session: names and values. */
export type Settings = Readonly<Record<string, string>>

/**
 * What a session sets that loads. An index goes into the log page by page, and where pglz compresses those, as
 * `wal_compression = on` has it, that is two fifths of building it; LZ4 does it for little, where the server is built with
 * it (PostgreSQL 15 and newer). One that does not compress them is not made to.
 */
export async function loadSettings(admin: Database): Promise<Settings> {
  const [row] = await admin.rows<{ better: boolean }>(
    `select setting in ('on', 'pglz') and 'lz4' = any (enumvals) as better
       from pg_settings where name = 'wal_compression'`,
  )
  return row?.better === true ? { wal_compression: 'lz4' } : {}
}
