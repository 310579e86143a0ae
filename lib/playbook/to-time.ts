import type { RecoveryTime } from '../backup/pitr/choose.ts'
import { type Foreseen, foresee, type RecoverySource } from '../backup/pitr/foresee.ts'
import { type Recovered, recoverTo } from '../backup/pitr/recover.ts'
import { sweepScratch } from '../backup/pitr/scratch.ts'
import { archiveUpToNow, needsMore } from '../backup/pitr/up-to-now.ts'
import { backupLock, type Place, placeOf, signingKey } from '../backup/place.ts'
import { catalogOf } from '../backup/postgres/catalog.ts'
import {
  checkDatabases,
  cleanUp,
  type DatabaseChoice,
  NotPossible,
  nameFaults,
  type Restored,
  restoreDatabases,
  serverOrigin,
  swapThose,
  type Tools,
  tidyUp,
  type Wished,
} from '../backup/restore/index.ts'
import { withLock } from '../engine/lock.ts'
import type { Play } from '../engine/play.ts'
import { openDatabase } from '../postgres/database.ts'
import type { Run } from './playbook.ts'
import { chosenNames, databaseChoice } from './restore-choice.ts'
import { goOn, keysFor, toolsOf } from './restore-tools.ts'

/**
 * `restore.ts --to-time`: recovers the server to a time in a scratch container on its own host, and restores databases of
 * it beside those that serve. `needs` is the play that brings the host what it needs.
 */
export async function restoringToTime(run: Run, to: RecoveryTime, needs: Play): Promise<void> {
  const place = await placeOf(run)
  const { plan, store } = place
  try {
    const keys = await keysFor(run.env)
    const source: RecoverySource = { store, env: run.env, keys, key: signingKey(plan) }
    const foreseen = await foresee(source, to)
    tellForeseen(run, foreseen, to)
    if (run.check) return
    await run.play(needs, { on: [plan.db] })
    const tools = await toolsOf(run, place, place)
    await withLock(run.fleet, [plan.db], backupLock('restore'), async () => {
      await clearAway(run, tools)
      const complete = await archived(run, place, foreseen, to)
      let brought: { readonly choice: DatabaseChoice; readonly done: readonly Restored[] }
      const recovered = await recoverTo({
        ...source,
        connection: await place.connection(plan.db),
        image: String(plan.db.vars.postgres_image),
        to,
        signal: run.signal,
        tell: (text) => run.emit({ type: 'step', text }),
      })
      try {
        tellReached(run, recovered, { to, complete })
        brought = await bringBeside(run, tools, recovered, to)
      } finally {
        await recovered.remove()
        await tidyUp(tools)
      }
      const { choice, done } = brought
      if (choice.swap) await swapThose(tools, done)
      await goOn(run, tools, choice, done)
    })
  } finally {
    store.close()
  }
}

function tellForeseen({ check, emit }: Run, { base, chain, first, until }: Foreseen, to: RecoveryTime): void {
  const more = needsMore({ until }, to)
  emit({
    type: 'step',
    text: `${check ? 'would begin' : 'begins'} with base backup ${base.id} of ${base.endedAt}, and ${first} of ${chain.segments.length} segments; the archive goes up to ${until.toISOString()}`,
  })
  if (check && more)
    emit({ type: 'step', text: 'would have the live server archive its log up to now before that' })
  for (const { first: gap, count } of chain.gaps)
    emit({
      type: 'note',
      text: `missing in the archive: ${gap}${count === 1 ? '' : ` and ${count - 1} more`}`,
    })
}

/** What runs that died have left: under the lock it is nobody's. */
async function clearAway({ args, emit }: Run, tools: Tools): Promise<void> {
  const server = await tools.server()
  for (const name of await sweepScratch(server.connection))
    emit({ type: 'note', text: `removed ${name}, which a recovery that died had left` })
  await cleanUp(tools)
  const as = args.text('as')
  const faults = as === undefined ? [] : await nameFaults(server, [as])
  if (faults.length > 0) throw new NotPossible('the recovered server', faults)
}

/** Whether all that was ever committed is archived from here on. */
async function archived(
  { emit, signal }: Run,
  place: Place,
  foreseen: Foreseen,
  to: RecoveryTime,
): Promise<boolean> {
  if (!needsMore(foreseen, to)) return false
  const { why } = await archiveUpToNow(await place.server(), foreseen.base.system, signal)
  emit(
    why === undefined
      ? { type: 'step', text: 'the live server has archived its log up to now' }
      : {
          type: 'note',
          text: `the live server does not archive its log up to now, so recovery goes as far as the archive: ${why}`,
        },
  )
  return why === undefined
}

function tellReached(
  { emit }: Run,
  { whole, reached }: Recovered,
  { to, complete }: { readonly to: RecoveryTime; readonly complete: boolean },
): void {
  if (whole || complete || to === 'latest') return
  emit({
    type: 'note',
    text: `the archive ends before ${to.toISOString()}: its last transaction is of ${reached ?? 'before the base backup'}; what came later is in no archive`,
  })
}

/** Databases of the recovered server, each beside the one that serves, and held against what was recovered. */
async function bringBeside(run: Run, tools: Tools, recovered: Recovered, to: RecoveryTime) {
  const { args, signal } = run
  const { server, base, reached } = recovered
  const at = to === 'latest' ? (reached ?? base.endedAt) : to.toISOString()
  const title = `the server as of ${at}`
  const jobs = args.number('jobs', 1) ?? 2
  const databases: Wished[] = []
  for (const name of chosenNames(args, title, await databasesOf(recovered), tools.plan.databases))
    databases.push({ name, ...(await catalogOf(server, name, { parallel: jobs, signal })) })
  const choice = databaseChoice(args, title, databases, new Map())
  const id = `${base.id} to ${at}, ${tools.run}`
  const origin = serverOrigin(server, { title, id, version: base.server, env: run.env })
  const heads = await checkDatabases(tools, origin, choice)
  return { choice, done: await restoreDatabases(tools, origin, choice, heads) }
}

async function databasesOf({ server }: Recovered): Promise<readonly string[]> {
  await using admin = await openDatabase(server, 'postgres', { purpose: 'restore' })
  const rows = await admin.rows<{ name: string }>(
    'select datname as name from pg_database where datallowconn and not datistemplate order by 1',
  )
  return rows.map(({ name }) => name)
}
