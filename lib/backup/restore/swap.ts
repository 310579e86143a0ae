import { setTimeout as sleep } from 'node:timers/promises'
import { QuaysideError } from '../../error.ts'
import { type Database, openDatabase, type Server } from '../../postgres/database.ts'
import { identifier } from '../../postgres/identifier.ts'
import { sqlState } from '../../postgres/sql-error.ts'
import { exists, markSql } from './beside.ts'
import { bareSql, carrySql, hangingOf, saysSomething } from './carry.ts'
import type { Mark } from './mark.ts'

/** One database that takes another's name. */
export interface Exchange {
  /** the name that clients know */
  readonly live: string
  readonly beside: string
  /** what the one that served is called from then on, and its mark */
  readonly away: string
  readonly mark: Mark
  /** whether the new one gets the old one's owner, and its grants, limit and settings in the place of the backup's where it has any */
  readonly carry: boolean
  /** the comment that it gets where there is none to be carried */
  readonly comment?: string | undefined
}

export interface SwapOptions {
  readonly signal: AbortSignal
  /** how long transactions may take to end by themselves, before their sessions are cut off */
  readonly patienceMs?: number
  readonly attempts?: number
}

/** Sessions to be cut off: idle ones at once, those in the middle of something once patience ends. */
export const drainSql = `select count(pg_terminate_backend(pid))::int as cut from pg_stat_activity
  where datname = any($1) and pid <> pg_backend_pid() and backend_type <> 'autovacuum worker'
    and ($2 or state is null or state = 'idle')`

/**
 * Renames databases in one transaction: all or none. A rename waits some seconds, with the database locked, until
 * nobody is connected to it: whoever connects meanwhile waits at that lock, and a second session cuts off who is connected. So no
 * setting is needed that would keep clients out, and that a run which died here would leave behind: if this
 * session ends at any point before the commit, all is as it was. Gives how many sessions were cut off.
 */
export async function swap(
  server: Server,
  exchanges: readonly Exchange[],
  { signal, patienceMs = 2000, attempts = 4 }: SwapOptions,
): Promise<number> {
  await using admin = await openDatabase(server, 'postgres', { purpose: 'swap' })
  await using drainer = await openDatabase(server, 'postgres', { purpose: 'drain' })
  const names = exchanges.flatMap(({ live, beside }) => [live, beside])
  await demandNoneInDoubt(admin, names)
  const began = performance.now()
  let cut = 0
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted()
    const drain = draining(drainer, names, () => performance.now() - began > patienceMs)
    try {
      await renameAll(admin, exchanges)
      cut += await drain.stop()
      return cut
    } catch (error) {
      cut += await drain.stop()
      await admin.rows('rollback').catch(() => {})
      if (sqlState(error) !== '55006' || attempt === attempts) throw await explained(error, drainer, names)
    }
  }
}

async function renameAll(admin: Database, exchanges: readonly Exchange[]): Promise<void> {
  await admin.rows('begin')
  await admin.rows("set local lock_timeout = '20s'")
  for (const { live, beside, away, mark, carry, comment } of exchanges) {
    const hanging = await hangingOf(admin, live)
    if (hanging !== undefined) {
      if (carry) {
        const own = saysSomething(hanging) ? await hangingOf(admin, beside) : undefined
        for (const each of own === undefined ? [] : bareSql(beside, own)) await admin.rows(each)
        for (const each of carrySql(beside, hanging)) await admin.rows(each)
      }
      const { comment: own } = hanging
      await admin.rows(markSql(live, own === null ? mark : { ...mark, comment: own }))
      await admin.rows(`alter database ${identifier(live)} rename to ${identifier(away)}`)
    }
    await admin.rows(markSql(beside, undefined, (carry ? hanging?.comment : undefined) ?? comment ?? null))
    await admin.rows(`alter database ${identifier(beside)} rename to ${identifier(live)}`)
  }
  await admin.rows('commit')
}

function draining(drainer: Database, names: readonly string[], impatient: () => boolean) {
  let done = false
  let cut = 0
  const work = (async () => {
    while (!done) {
      const [row] = await drainer.rows<{ cut: number }>(drainSql, [names, impatient()])
      cut += row?.cut ?? 0
      await sleep(50)
    }
  })()
  work.catch(() => {})
  return {
    async stop() {
      done = true
      await work
      return cut
    },
  }
}

/** Prepared transactions hold a database as a session does, and nobody can cut them off. */
async function demandNoneInDoubt(admin: Database, names: readonly string[]): Promise<void> {
  const found = await admin.rows<{ gid: string; database: string }>(
    'select gid, database from pg_prepared_xacts where database = any($1)',
    [names],
  )
  const [first] = found
  if (first !== undefined)
    throw new QuaysideError(
      `${first.database} has ${found.length} prepared transactions: it cannot be renamed`,
      {
        hint: `COMMIT PREPARED or ROLLBACK PREPARED '${first.gid}', in that database`,
      },
    )
}

async function explained(error: unknown, drainer: Database, names: readonly string[]): Promise<unknown> {
  if (sqlState(error) !== '55006') return error
  const rows = await drainer.rows<{ who: string }>(
    `select distinct format('%s (%s)', coalesce(usename, backend_type), coalesce(nullif(application_name, ''), '?')) as who
       from pg_stat_activity where datname = any($1) and pid <> pg_backend_pid() limit 5`,
    [names],
  )
  const who = rows.map((each) => each.who).join(', ')
  return new QuaysideError(
    `the databases could not be swapped: others stay connected${who === '' ? '' : `: ${who}`}`,
    {
      hint: 'nothing was changed; stop what connects again and again, then restore.ts swap',
      cause: error,
    },
  )
}

/** Whether a name that a swap needs is taken. */
export async function demandFree(admin: Database, database: string): Promise<void> {
  if (await exists(admin, database))
    throw new QuaysideError(`there is a database ${database} already`, { hint: 'try again in a second' })
}
