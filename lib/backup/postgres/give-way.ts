import { setTimeout as pause } from 'node:timers/promises'
import type { Database, Server } from '../../postgres/database.ts'
import { sh } from '../../script/index.ts'

/** what `nice` calls the lowest priority */
export const lowest = 19

/**
 * Lets a session's process on the server give way to those that serve, wherever they want the same processor, and keeps it
 * to that one process. Where the container has no renice it runs as any other.
 */
export async function giveWay(server: Server, session: Database): Promise<void> {
  const [row] = await session.rows<{ pid: number }>(
    `select pg_backend_pid() as pid, set_config('max_parallel_workers_per_gather', '0', false)`,
  )
  if (row !== undefined) await renice(server, [row.pid])
}

/**
 * The same for the dumps of a database, once so many have connected; `admin` is a session of nobody else's. Gives up on those
 * that do not come: a dump that is over, or has failed, needs it no more.
 */
export async function dumpsGiveWay(
  server: Server,
  admin: Database,
  database: string,
  dumps: number,
  signal: AbortSignal,
): Promise<void> {
  const given = new Set<number>()
  for (let tries = 0; tries < 50 && !signal.aborted; tries += 1) {
    const rows = await admin.rows<{ pid: number }>(
      `select pid from pg_stat_activity where application_name = 'quayside backup' and datname = $1`,
      [database],
    )
    const fresh = rows.map(({ pid }) => pid).filter((pid) => !given.has(pid))
    if (fresh.length > 0) await renice(server, fresh)
    for (const pid of fresh) given.add(pid)
    if (given.size >= dumps) return
    await pause(200)
  }
}

async function renice(
  { connection, container, admin = 'postgres' }: Server,
  pids: readonly number[],
): Promise<void> {
  await connection.run(
    sh`docker exec -u ${admin} ${container} renice -n ${lowest} -p ${pids} >/dev/null 2>&1 || :`,
    { title: 'letting a backup give way' },
  )
}
