import { messageOf } from '../../error.ts'
import { openDatabase, type Server } from '../../postgres/database.ts'
import { flushWal } from '../wal/flush.ts'
import type { RecoveryTime } from './choose.ts'
import type { Foreseen } from './foresee.ts'

/** A segment is stored some time after it ended: what came just before that may be in the next one. */
const lagMs = 10 * 60_000

/** Whether a recovery to that time needs more of the log than surely is archived. */
export function needsMore({ until }: Pick<Foreseen, 'until'>, to: RecoveryTime): boolean {
  return to === 'latest' || to.getTime() > until.getTime() - lagMs
}

/**
 * Has a live server archive its log up to now, if it is the one that the archive is of. Gives why that cannot be had: a
 * recovery goes as far as the archive does, with or without it.
 */
export async function archiveUpToNow(
  server: Server,
  system: string,
  signal: AbortSignal,
): Promise<{ readonly why: string | undefined }> {
  try {
    const here = await systemOf(server, signal)
    if (here !== system)
      return { why: `it is another server (${here}) than the one of the archive (${system})` }
    await flushWal(server, 60, signal)
    return { why: undefined }
  } catch (error) {
    signal.throwIfAborted()
    return { why: messageOf(error) }
  }
}

async function systemOf(server: Server, signal: AbortSignal): Promise<string | undefined> {
  await using database = await openDatabase(server, 'postgres', { purpose: 'archive up to now', signal })
  const [row] = await database.rows<{ system: string }>(
    'select system_identifier::text as system from pg_control_system()',
  )
  return row?.system
}
