import type { Database } from '../../postgres/database.ts'

/** Settings of a session: names and values. */
export type Settings = Readonly<Record<string, string>>

/**
 * What a session sets that loads. An index goes into the log page by page, which costs as much as building it where pglz
 * compresses them, as it does unless the server's own settings say otherwise; LZ4 does it for little, where the server is
 * built with it (PostgreSQL 15 and newer). One that does not compress them is not made to.
 */
export async function loadSettings(admin: Database): Promise<Settings> {
  const [row] = await admin.rows<{ better: boolean }>(
    `select setting in ('on', 'pglz') and 'lz4' = any (enumvals) as better
       from pg_settings where name = 'wal_compression'`,
  )
  return row?.better === true ? { wal_compression: 'lz4' } : {}
}
