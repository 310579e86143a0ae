import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Chosen, drill, type Kept, newSeed, pick, verdictOf } from '../lib/backup/drill/index.ts'
import { backupKeys } from '../lib/backup/keys.ts'
import { chooseBackup, listBackups } from '../lib/backup/manifest-file.ts'
import { type Place, placeOf, signingKey } from '../lib/backup/place.ts'
import type { Store } from '../lib/backup/store/store.ts'
import { exit, QuaysideError, UsageError } from '../lib/error.ts'
import type { Host } from '../lib/inventory/inventory.ts'
import { type Args, playbook, type Run } from '../lib/playbook/index.ts'
import { bootApps } from '../roles/app/drill.ts'
import type { AppVars } from '../roles/app/schema.ts'
import { backup } from '../roles/backup/role.ts'
import type { PostgresVars } from '../roles/postgres-pgvector/schema.ts'
import type { RedisVars } from '../roles/redis/schema.ts'
import { everyPlay } from '../roles/stack.ts'

await playbook(import.meta, {
  about:
    'Prove that a backup restores: into a scratch server, compared, checked and booted; with evidence, and nothing left behind',
  example: 'npx zx playbooks/restore-drill.ts --env lab',
  arguments: '[ID|newest|random]',
  flags: {
    seed: { about: 'which backup random means: the number that an earlier drill printed', value: 'N' },
    evidence: { about: 'keep the evidence here, too: JSON and a page', value: 'DIR' },
  },
  plays: everyPlay,
  whole: 'a drill is of a whole backup, on one host: drill_host in the inventory',
  validate: words,
  run: restoreDrill,
})

function words(args: Args): void {
  if (args.positionals.length > 1)
    throw new UsageError(`which backup: ${args.positionals.join(' or ')}?`, 'a drill takes one')
  if (args.number('seed', 0) !== undefined && args.positionals[0] !== 'random')
    throw new UsageError('--seed goes with random')
}

async function restoreDrill(run: Run): Promise<void> {
  const { fleet, emit, inventory } = run
  const place = await placeOf(run)
  try {
    const { plan, store } = place
    const key = signingKey(plan)
    const host = drillHost(run, place)
    const chosen = await choose(store, run)
    emit({
      type: 'step',
      text: `${run.check ? 'would drill' : 'drills'} ${chosen.id} (${chosen.how}) on ${host.name}`,
    })
    if (run.check) return
    await run.play({ hosts: host.name, roles: [backup] })
    const vars = plan.db.vars as unknown as PostgresVars & RedisVars
    const [app] = inventory.select('app')
    const { facts } = await fleet.session(host)
    const kept = await drill(
      {
        ...place,
        keys: await backupKeys(run.env),
        signingKey: key,
        host,
        server: {
          image: vars.postgres_image,
          uid: vars.postgres_uid,
          memoryMb: vars.postgres_memory_mb ?? Math.max(256, Math.floor(facts.memoryMb / 2)),
        },
        redis: {
          image: vars.redis_image,
          uid: vars.redis_uid,
          memoryMb: vars.redis_memory_mb,
          password: vars.redis_password,
        },
        roles: [{ name: vars.postgres_user, password: vars.postgres_password }],
        boot: bootApps(plan.db, app?.vars as unknown as AppVars),
      },
      chosen,
    )
    await tell(run, kept, store)
  } finally {
    place.store.close()
  }
}

/** The host that the inventory names for it, or the last one of group app. */
function drillHost({ inventory }: Run, { plan }: Place): Host {
  const named = plan.settings.drill_host
  const host =
    named === undefined
      ? inventory.hosts.filter((each) => each.groups.includes('app')).at(-1)
      : inventory.hosts.find((each) => each.name === named)
  if (host !== undefined) return host
  const what =
    named === undefined
      ? 'no host is in group app, and drill_host is not set'
      : `drill_host: no host is called ${named}`
  throw new QuaysideError(what, { exitCode: exit.usage, hint: 'set drill_host to a host with Docker' })
}

async function choose(store: Store, { env, args }: Run): Promise<Chosen> {
  const wanted = args.positionals[0] ?? 'newest'
  if (wanted !== 'random')
    return { id: await chooseBackup(store, env, wanted), how: wanted === 'newest' ? 'newest' : 'named' }
  const seed = args.number('seed', 0) ?? newSeed()
  const whole = (await listBackups(store, env)).filter(({ complete }) => complete).map(({ id }) => id)
  const id = whole.length === 0 ? await chooseBackup(store, env, undefined) : pick(whole, seed)
  return { id, how: `random with seed ${seed}` }
}

/** The verdict to whoever asked, and by the exit code. */
async function tell(run: Run, { evidence, json, html, key }: Kept, store: Store): Promise<void> {
  const { backup, drill, rpoSeconds, rtoSeconds, ok } = evidence
  const dir = run.args.text('evidence')
  if (dir !== undefined) {
    await mkdir(dir, { recursive: true })
    await writeFile(join(dir, `${drill}.json`), json)
    await writeFile(join(dir, `${drill}.html`), html)
  }
  run.emit({ type: 'result', of: 'drill', data: { ...evidence } })
  if (!run.args.has('json')) {
    const figure = (seconds: number | undefined) => (seconds === undefined ? 'not known' : `${seconds} s`)
    run.print(`\n${verdictOf(evidence)}`)
    run.print(`  RPO ${figure(rpoSeconds)}, RTO ${figure(rtoSeconds)}`)
    run.print(`  evidence: ${key} in ${store.name}${dir === undefined ? '' : `, and in ${dir}`}`)
  }
  if (ok) return
  const failed = evidence.steps.filter(({ outcome }) => outcome === 'failed')
  throw new QuaysideError(
    `the drill of ${backup} failed: ${failed.map(({ title, problems }) => `${title}: ${problems[0] ?? ''}`).join('; ')}`,
    { hint: 'the evidence has all of it; do not count on this backup until it is explained' },
  )
}
