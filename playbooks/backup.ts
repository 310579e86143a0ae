import { UsageError } from '../lib/error.ts'
import { nearest } from '../lib/inventory/nearest.ts'
import { metricsFlag } from '../lib/playbook/backup/metrics-flag.ts'
import { type Args, playbook, type Run } from '../lib/playbook/index.ts'
import { backup } from '../roles/backup/role.ts'
import { everyPlay } from '../roles/stack.ts'

/** Each with how many words may follow it. */
const actions = {
  take: 0,
  list: 0,
  show: 1,
  verify: 1,
  prune: 0,
  copy: 1,
  doctor: 0,
  base: 0,
  wal: 0,
} as const
type Action = keyof typeof actions

await playbook(import.meta, {
  about: 'Take a backup, encrypted, to the store of the inventory; look at those that are there',
  arguments: '[take]|list|show [ID]|verify [ID]|prune|copy [ID]|doctor|base|wal',
  example: 'npx zx playbooks/backup.ts --env lab',
  flags: {
    resume: { about: 'with take: go on with the newest backup, if it was interrupted in the last 24 hours' },
    yes: { about: 'with prune: remove, and ask nobody' },
    copies: { about: 'with prune: in the second store, where copies are' },
    all: { about: 'with copy: every backup that is complete' },
    full: { about: 'with base: a full one, where it could be incremental' },
    ...metricsFlag,
  },
  plays: everyPlay,
  whole: 'a backup is of everything that the inventory names, or it is none',
  validate: (args) => {
    const action = actionOf(args)
    const extra = args.positionals[actions[action] + 1]
    if (extra !== undefined) throw new UsageError(`backup.ts ${action} takes no "${extra}"`)
    const goes = { resume: 'take', yes: 'prune', copies: 'prune', all: 'copy', full: 'base' }
    for (const [flag, its] of Object.entries(goes))
      if (args.has(flag) && action !== its) throw new UsageError(`--${flag} goes with ${its}`)
    if (args.has('all') && args.positionals[1] !== undefined)
      throw new UsageError('copy takes one backup or --all')
    if (args.has('metrics') && action !== 'take' && action !== 'prune')
      throw new UsageError('--metrics goes with take and prune')
  },
  run,
})

async function run(run: Run): Promise<void> {
  const { placeOf } = await import('../lib/backup/place.ts')
  const place = await placeOf(run)
  const [, id] = run.args.positionals
  try {
    switch (actionOf(run.args)) {
      case 'take': {
        const { take } = await import('../lib/playbook/backup/take.ts')
        await take(run, place, { hosts: 'all', roles: [backup] })
        if (run.check) return
        const { tellBackups } = await import('../lib/playbook/backup/metrics.ts')
        return await tellBackups(run, place)
      }
      case 'list': {
        const { list } = await import('../lib/playbook/backup/list.ts')
        return await list(run, place)
      }
      case 'show': {
        const { show } = await import('../lib/playbook/backup/show.ts')
        return await show(run, place, id)
      }
      case 'verify': {
        const { verify } = await import('../lib/playbook/backup/verify.ts')
        return await verify(run, place, id)
      }
      case 'prune': {
        const { prune } = await import('../lib/playbook/backup/prune.ts')
        return await prune(run, place)
      }
      case 'copy': {
        const { copy } = await import('../lib/playbook/backup/copy.ts')
        return await copy(run, place, id)
      }
      case 'doctor': {
        const { doctor } = await import('../lib/playbook/backup/doctor.ts')
        return await doctor(run, place)
      }
      case 'base': {
        const { base } = await import('../lib/playbook/backup/base.ts')
        return await base(run, place, { hosts: 'all', roles: [backup] })
      }
      case 'wal': {
        const { wal } = await import('../lib/playbook/backup/wal.ts')
        return await wal(run, place)
      }
    }
  } finally {
    place.store.close()
  }
}

function actionOf(args: Args): Action {
  const [word = 'take'] = args.positionals
  const known = Object.keys(actions) as Action[]
  const action = known.find((each) => each === word)
  if (action !== undefined) return action
  const near = nearest(word, known)
  throw new UsageError(
    `backup.ts has no "${word}"`,
    near === undefined ? known.join(', ') : `did you mean ${near}?`,
  )
}
