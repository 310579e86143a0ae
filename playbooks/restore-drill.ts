import { drill } from '../lib/backup/drill/index.ts'
import { backupKeys } from '../lib/backup/keys.ts'
import { refuseFuture } from '../lib/backup/pitr/choose.ts'
import { readRecoveryTime } from '../lib/backup/pitr/time.ts'
import { type Place, placeOf, signingKey } from '../lib/backup/place.ts'
import { exit, QuaysideError, UsageError } from '../lib/error.ts'
import type { Host } from '../lib/inventory/inventory.ts'
import { present } from '../lib/inventory/present.ts'
import { metricsFlag } from '../lib/playbook/backup/metrics-flag.ts'
import { servedByHistory } from '../lib/playbook/backup/served.ts'
import { chooseDrill } from '../lib/playbook/drill/choose.ts'
import { tellVerdict } from '../lib/playbook/drill/tell.ts'
import { type Args, playbook, type Run } from '../lib/playbook/index.ts'
import { swarmSiteOf } from '../lib/swarm/converge.ts'
import { bootApps } from '../roles/app/drill.ts'
import type { App, AppVars } from '../roles/app/schema.ts'
import { backup } from '../roles/backup/role.ts'
import type { PostgresVars } from '../roles/postgres-pgvector/schema.ts'
import type { RedisVars } from '../roles/redis/schema.ts'
import { everyPlay } from '../roles/stack.ts'
import { stackVars } from './on-swarm/locked.ts'

await playbook(import.meta, {
  about:
    'Prove that a backup, or a point in time, can be had: into a scratch server, compared, checked and booted; with evidence, and nothing left behind',
  example: 'npx zx playbooks/restore-drill.ts --env lab',
  arguments: '[ID|newest|random]',
  flags: {
    'to-time': {
      about: 'instead of a backup a point in time, as restore.ts takes it',
      value: 'TIME|latest|random',
    },
    seed: { about: 'which one random means: the number that an earlier drill printed', value: 'N' },
    evidence: { about: 'keep the evidence here, too: JSON and a page', value: 'DIR' },
    ...metricsFlag,
  },
  plays: everyPlay,
  whole: 'a drill is of a whole backup, on one host: drill_host in the inventory',
  validate: words,
  run: restoreDrill,
})

function words(args: Args): void {
  const to = args.text('to-time')
  if (args.positionals.length > 1)
    throw new UsageError(`which backup: ${args.positionals.join(' or ')}?`, 'a drill takes one')
  if (to !== undefined && args.positionals[0] !== undefined)
    throw new UsageError(`--to-time and "${args.positionals[0]}" exclude each other`)
  if (args.number('seed', 0) !== undefined && (to ?? args.positionals[0]) !== 'random')
    throw new UsageError('--seed goes with random')
  if (to !== undefined && to !== 'random') refuseFuture(readRecoveryTime(to), new Date())
}

async function restoreDrill(run: Run): Promise<void> {
  const { fleet, emit } = run
  const place = await placeOf(run)
  try {
    const { plan } = place
    const key = signingKey(plan)
    const host = drillHost(run, place)
    const { chosen, course } = await chooseDrill(run, place)
    emit({
      type: 'step',
      text: `${run.check ? 'would drill' : 'drills'} ${chosen.id} (${chosen.how}) on ${host.name}`,
    })
    if (run.check) return
    await run.play({ hosts: host.name, roles: [backup] })
    const vars = plan.db.vars as unknown as PostgresVars & RedisVars
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
        boot: bootApps(plan.db, await bootedApps(run)),
        history: () => servedByHistory(run),
      },
      chosen,
      course,
    )
    await tellVerdict(run, place, kept)
  } finally {
    place.store.close()
  }
}

/** What is booted of a release: the apps of group app, or the api of a swarm's stack. */
async function bootedApps({ inventory }: Run): Promise<readonly App[]> {
  const [host] = present(inventory, 'app')
  if (host !== undefined) return (host.vars as unknown as AppVars).apps
  const site = swarmSiteOf(inventory)
  if (site === undefined) return []
  const { drilledApps } = await import('../stack/drill.ts')
  return drilledApps(stackVars(site))
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
