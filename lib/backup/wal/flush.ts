import { setTimeout as pause } from 'node:timers/promises'
import { QuaysideError } from '../../error.ts'
import { openDatabase, type Server } from '../../postgres/database.ts'

/**
 * Has a live server finish the segment that it writes, and waits until that is archived: from then on a recovery can go
 * up to now. Throws a QuaysideError where the archiver does not get it to the store within so many seconds.
 */
export async function flushWal(server: Server, seconds = 60, signal?: AbortSignal): Promise<void> {
  await using database = await openDatabase(server, 'postgres', {
    purpose: 'archive up to now',
    ...(signal === undefined ? {} : { signal }),
  })
  const [finished] = await database.rows<{ name: string }>(
    `select pg_walfile_name(pg_switch_wal()) as name where current_setting('archive_mode') <> 'off'`,
  )
  if (finished === undefined)
    throw new QuaysideError(`${server.connection.name}: PostgreSQL does not archive its log`, {
      hint: 'set postgres_archive: true, and run site.ts',
    })
  const until = Date.now() + seconds * 1000
  for (;;) {
    // Names of one timeline sort as the log goes.
    const [row] = await database.rows<{ done: boolean }>(
      `select coalesce(last_archived_wal collate "C" >= $1, false) as done from pg_stat_archiver`,
      [finished.name],
    )
    if (row?.done === true) return
    if (Date.now() > until)
      throw new QuaysideError(
        `${server.connection.name}: ${finished.name} was not archived within ${seconds} s`,
        { hint: 'journalctl -u quayside-wal on that host tells why' },
      )
    signal?.throwIfAborted()
    await pause(500)
  }
}
