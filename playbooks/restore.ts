import { refuseFuture } from '../lib/backup/pitr/choose.ts'
import { readRecoveryTime } from '../lib/backup/pitr/time.ts'
import { readTable } from '../lib/backup/restore/toc.ts'
import { UsageError } from '../lib/error.ts'
import { type Args, playbook } from '../lib/playbook/index.ts'
import { backup } from '../roles/backup/role.ts'
import { everyPlay } from '../roles/stack.ts'

const actions = ['swap', 'undo', 'drop-old', 'drop-beside'] as const
type Action = (typeof actions)[number] | 'restore'

/** Flags that have to do with a backup, which a point in time is none of. */
const ofBackups = ['from', 'force', 'unscrubbed', 'no-databases', 'redis', 'volumes']

await playbook(import.meta, {
  about: 'Restore a backup, or a point in time, beside what serves; verify it, and swap it in when told',
  arguments: '[ID|newest]|swap|undo|drop-old|drop-beside',
  example: 'npx zx playbooks/restore.ts --env lab newest --swap',
  flags: {
    'to-time': {
      about: 'PostgreSQL as of a moment (2026-11-23T10:15:00Z), or of the latest that is archived',
      value: 'TIME|latest',
    },
    swap: { about: 'put it in the place of what serves, once it is verified; the old is kept' },
    database: { about: 'one of several in the backup (may be repeated)', value: 'NAME', counts: true },
    'no-databases': { about: 'none of them: for roles, Redis or volumes alone' },
    as: { about: 'leave it beside under this name', value: 'NAME' },
    table: {
      about: 'rows of this table alone, beside (may be repeated)',
      value: 'SCHEMA.TABLE',
      counts: true,
    },
    schema: { about: 'rows of this schema alone, beside (may be repeated)', value: 'NAME', counts: true },
    globals: { about: 'roles, their passwords and settings first: those that exist are altered' },
    redis: { about: 'Redis too, with --swap; its old data is kept' },
    volumes: { about: 'Docker volumes and folders too, with --swap; what they held is kept' },
    from: { about: "a backup of another environment, from that one's store", value: 'ENV' },
    force: { about: 'also into production from another environment' },
    unscrubbed: { about: "another environment's data as it is, without restore_scrub" },
    'drop-old': { about: 'after the swap: drop what served before at once' },
    jobs: { about: 'indexes built at a time (default 2)', value: 'N' },
  },
  plays: everyPlay,
  whole: 'a restore is of what a backup holds, on the hosts that it names',
  validate: (args) => {
    const [first, ...more] = args.positionals
    if (more.length > 0) throw new UsageError(`restore.ts ${first} takes no "${more.join(' ')}"`)
    toTime(args, first)
    const part = args.has('table') || args.has('schema')
    if (part && args.has('swap'))
      throw new UsageError(
        'a part of a database never takes the place of the whole',
        'leave out --swap, and copy from the database beside what you need',
      )
    if (args.has('as') && args.has('swap')) throw new UsageError('--as and --swap exclude each other')
    if (args.has('drop-old') && !args.has('swap')) throw new UsageError('--drop-old goes with --swap')
    for (const flag of ['redis', 'volumes'])
      if (args.has(flag) && !args.has('swap'))
        throw new UsageError(`--${flag} goes with --swap: there is no beside for it`)
    args.number('jobs', 1)
    const from = args.text('from')
    if (from !== undefined && !/^[a-z0-9][a-z0-9-]*$/i.test(from))
      throw new UsageError(`"${from}" cannot be the name of an environment`)
    for (const text of args.texts('table'))
      if (readTable(text) === undefined)
        throw new UsageError(`--table takes SCHEMA.TABLE, not "${text}"`, 'for example --table public.users')
  },
  run: async (run) => {
    const needs = { hosts: 'all', roles: [backup] }
    const to = run.args.text('to-time')
    if (to !== undefined) {
      const { restoringToTime } = await import('../lib/playbook/to-time.ts')
      return await restoringToTime(run, readRecoveryTime(to), needs)
    }
    const { restoring } = await import('../lib/playbook/restore.ts')
    await restoring(run, actionOf(run.args), needs, everyPlay)
  },
})

function actionOf({ positionals: [word] }: Args): Action {
  return actions.find((each) => each === word) ?? 'restore'
}

/** The flag, as far as it can be judged before anything is asked. */
function toTime(args: Args, word: string | undefined): void {
  const text = args.text('to-time')
  if (text === undefined) return
  if (word !== undefined)
    throw new UsageError(
      `--to-time and "${word}" exclude each other`,
      'it takes the base backup that the time needs, and restores beside',
    )
  const flag = ofBackups.find((each) => args.has(each))
  if (flag !== undefined)
    throw new UsageError(
      `--to-time and --${flag} exclude each other`,
      "a point in time is of PostgreSQL alone, and of this environment's",
    )
  refuseFuture(readRecoveryTime(text), new Date())
}
