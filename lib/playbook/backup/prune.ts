import { amount } from '../../backup/amount.ts'
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
import { columns } from './table.ts'

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
  tell(run, store, verdicts)
  const going = verdicts.filter(({ reasons }) => reasons.length === 0).map(({ backup }) => backup.id)
  if (run.check || !(await wanted(run, going))) return
  const removing = (id: string) => emit({ type: 'step', text: `remove backup ${id}` })
  // A backup that is being taken, or gone on with, is none of ours meanwhile.
  const done = await withLock(fleet, [plan.db], backupLock('prune'), () =>
    removeThose(store, plan.env, going, { ...options(), signal, removing }),
  )
  if (!run.args.has('copies')) await tellBackups(run, place)
  if (!run.args.has('json')) run.print(`\n${done.removed.length} removed from ${store.name}`)
  if (done.failed.length === 0) return
  const [first] = done.failed
  throw new QuaysideError(
    `${done.failed.length} of ${going.length} backups could not be removed: ${done.failed.map(({ id }) => id).join(', ')}: ${messageOf(first?.error)}`,
    { hint: 'npx zx playbooks/backup.ts prune goes on with what is left', cause: first?.error },
  )
}

function pruneOptions(run: Run, { plan }: Place): PruneOptions {
  const { backup_keep: keep, backup_signing_key: key, backup_store, backup_copy_store } = plan.settings
  const settings = run.args.has('copies') ? backup_copy_store : backup_store
  return { keep, key, lockDays: settings?.s3?.lock_days, now: new Date() }
}

/** Unattended, nothing is removed that nobody said yes to. */
async function wanted(run: Run, going: readonly string[]): Promise<boolean> {
  const say = (line: string) => {
    if (!run.args.has('json')) run.print(`\n${line}`)
  }
  if (run.args.has('yes')) return true // also for what died uploads have left
  if (going.length === 0) {
    say('nothing is to be removed')
    return false
  }
  const backups = `${going.length} backup${going.length === 1 ? '' : 's'}`
  const answer = run.args.has('json') ? undefined : await agreed(`\nremove ${backups}?`)
  if (answer === undefined) say(`nothing was removed: with --yes ${backups} would be`)
  else if (!answer) say('nothing was removed')
  return answer === true
}

function tell(run: Run, store: Store, verdicts: readonly Verdict<HeldBackup>[]): void {
  const backups = verdicts.map(({ backup: { id, at, complete, bytes, verified }, reasons }) => ({
    ...{ id, at: at.toISOString(), complete, verified, bytes },
    ...{ keep: reasons.length > 0, reasons },
  }))
  run.emit({ type: 'result', of: 'backup-prune', data: { store: store.name, backups } })
  if (run.args.has('json')) return
  for (const line of ['', ...pruneLines(store.name, verdicts)]) run.print(line)
}

/** A table: what stays and why, and what goes. */
export function pruneLines(store: string, verdicts: readonly Verdict<HeldBackup>[]): readonly string[] {
  if (verdicts.length === 0) return [`${store} has no backups`]
  const rows = verdicts.map(({ backup, reasons }) => [
    reasons.length > 0 ? 'keep' : 'remove',
    backup.id,
    amount(backup.bytes),
    reasons.length > 0 ? reasons.join(', ') : whyGone(backup),
  ])
  return columns([['', 'backup', 'size', 'why'], ...rows]).map((line) => line.trimEnd())
}

function whyGone({ complete, drill }: HeldBackup): string {
  if (!complete) return 'unfinished'
  if (drill === undefined) return 'nothing keeps it'
  const day = drill.at.toISOString().slice(0, 10)
  return `nothing keeps it; a drill ${drill.passed ? 'restored it' : 'failed on it'} on ${day}`
}
