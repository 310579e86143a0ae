import { type BasesForeseen, foreseeBases, pruneBases } from '../../backup/base/prune.ts'
import type { HeldBackup } from '../../backup/held.ts'
import { backupLock, type Place } from '../../backup/place.ts'
import { foreseePrune, type PruneOptions, prune as removeThose } from '../../backup/prune.ts'
import type { Verdict } from '../../backup/retention.ts'
import type { Store } from '../../backup/store/store.ts'
import { withLock } from '../../engine/lock.ts'
import { messageOf, QuaysideError } from '../../error.ts'
import { agreed } from '../agree.ts'
import type { Run } from '../playbook.ts'
import { copyStoreOf } from './copy.ts'
import { tellBackups } from './metrics.ts'
import { baseLines, type Going, goingOf, inWords, pruneLines, pruneRecord } from './prune-words.ts'

/**
 * `backup.ts prune [--yes] [--copies]`: what backup_keep keeps and why, and what goes; removed where --yes or a person
 * at the terminal says so. Throws after all of them where one could not be removed.
 */
export async function prune(run: Run, place: Place): Promise<void> {
  if (!run.args.has('copies')) return pruneIn(run, place, place.store)
  const copies = await copyStoreOf(place)
  try {
    await pruneIn(run, place, copies)
  } finally {
    copies.close()
  }
}

async function pruneIn(run: Run, place: Place, store: Store): Promise<void> {
  const { plan, fleet, signal, emit } = place
  const options = () => pruneOptions(run, place)
  const verdicts = await foreseePrune(store, plan.env, options())
  const bases = await basesIn(run, place, store)
  tell(run, store, verdicts, bases)
  const going = goingOf(verdicts, bases)
  if (run.check || !(await wanted(run, going))) return
  const removing = (what: string) => emit({ type: 'step', text: `remove ${what}` })
  // A backup that is being taken, or gone on with, is none of ours meanwhile.
  const { done, log } = await withLock(fleet, [plan.db], backupLock('prune'), async () => ({
    done: await removeThose(store, plan.env, going.backups, {
      ...options(),
      signal,
      removing: (id) => removing(`backup ${id}`),
    }),
    log:
      bases === undefined
        ? undefined
        : await pruneBases(store, plan.env, going.bases, { ...baseOptions(place), signal, removing }),
  }))
  if (!run.args.has('copies')) await tellBackups(run, place)
  if (!run.args.has('json')) {
    const removed = { backups: done.removed, bases: log?.bases ?? [], files: log?.files ?? 0 }
    run.print(`\n${inWords(removed)} removed from ${store.name}`)
  }
  if (done.failed.length === 0) return
  const [first] = done.failed
  throw new QuaysideError(
    `${done.failed.length} of ${going.backups.length} backups could not be removed: ${done.failed.map(({ id }) => id).join(', ')}: ${messageOf(first?.error)}`,
    { hint: 'npx zx playbooks/backup.ts prune goes on with what is left', cause: first?.error },
  )
}

/** Base backups and the log are in the first store alone. */
async function basesIn({ args }: Run, place: Place, store: Store): Promise<BasesForeseen | undefined> {
  return args.has('copies') ? undefined : await foreseeBases(store, place.plan.env, baseOptions(place))
}

function baseOptions({ plan }: Place) {
  const { backup_keep: keep, backup_signing_key: key, backup_store: settings } = plan.settings
  return { keep: keep.base, key, lockDays: settings?.s3?.lock_days, now: new Date() }
}

function pruneOptions(run: Run, { plan }: Place): PruneOptions {
  const { backup_keep: keep, backup_signing_key: key, backup_store, backup_copy_store } = plan.settings
  const settings = run.args.has('copies') ? backup_copy_store : backup_store
  return { keep, key, lockDays: settings?.s3?.lock_days, now: new Date() }
}

/** Unattended, nothing is removed that nobody said yes to. */
async function wanted(run: Run, going: Going): Promise<boolean> {
  const say = (line: string) => {
    if (!run.args.has('json')) run.print(`\n${line}`)
  }
  if (run.args.has('yes')) return true // also for what died uploads have left
  if (going.backups.length + going.bases.length + going.files === 0) {
    say('nothing is to be removed')
    return false
  }
  const all = inWords(going)
  const answer = run.args.has('json') ? undefined : await agreed(`\nremove ${all}?`)
  if (answer === undefined) say(`nothing was removed: with --yes ${all} would be`)
  else if (!answer) say('nothing was removed')
  return answer === true
}

function tell(
  run: Run,
  store: Store,
  verdicts: readonly Verdict<HeldBackup>[],
  bases: BasesForeseen | undefined,
): void {
  run.emit({
    type: 'result',
    of: 'backup-prune',
    data: { store: store.name, ...pruneRecord(verdicts, bases) },
  })
  if (run.args.has('json')) return
  for (const line of ['', ...pruneLines(store.name, verdicts), ...baseLines(bases)]) run.print(line)
}
