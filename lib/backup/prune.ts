import { messageOf } from '../error.ts'
import { type HeldBackup, type HeldOptions, heldBackups } from './held.ts'
import { layout } from './layout.ts'
import { judgeBackups, unfinishedMs, type Verdict } from './retention.ts'
import type { Keep } from './settings.ts'
import type { Store } from './store/store.ts'

/** What to judge by. */
export interface PruneOptions extends HeldOptions {
  readonly keep: Keep
}

/** What is to become of each backup in a store, newest first. Changes nothing. */
export async function foreseePrune(
  store: Store,
  env: string,
  options: PruneOptions,
): Promise<readonly Verdict<HeldBackup>[]> {
  return judgeBackups(await heldBackups(store, env, options), options.keep, options.now)
}

/** What a removal has done. */
export interface Pruned {
  readonly removed: readonly string[]
  readonly failed: readonly { readonly id: string; readonly error: unknown }[]
  /** uploads of runs that died, which nobody would have finished */
  readonly swept: number
}

/**
 * Removes those of `ids` that still are to go: somebody may have taken time to answer, and others been at work. One
 * that cannot be removed does not keep the others.
 */
export async function prune(
  store: Store,
  env: string,
  ids: readonly string[],
  options: PruneOptions & { readonly signal: AbortSignal; readonly removing?: (id: string) => void },
): Promise<Pruned> {
  const { signal, removing = () => {} } = options
  const removed: string[] = []
  const failed: { id: string; error: unknown }[] = []
  for (const { backup, reasons } of await foreseePrune(store, env, options)) {
    if (reasons.length > 0 || !ids.includes(backup.id)) continue
    signal.throwIfAborted()
    removing(backup.id)
    try {
      await removeBackup(store, env, backup.id)
      removed.push(backup.id)
    } catch (error) {
      failed.push({ id: backup.id, error })
    }
  }
  const swept = await store.sweep(layout.backups(env), new Date(options.now.getTime() - unfinishedMs))
  return { removed, failed, swept }
}

/**
 * Removes a backup: its manifest first, so that from then on it is none, then all that is below its folder. What is
 * left where this is interrupted counts as unfinished, and goes once no run can be at it.
 */
export async function removeBackup(store: Store, env: string, id: string): Promise<void> {
  await store.remove([layout.manifest(env, id)])
  const keys: string[] = []
  for await (const { key } of store.list(layout.backup(env, id))) keys.push(key)
  await store.remove(keys)
}

/** Lines of a table: what stays and why, and what goes. */
export function pruneLines(verdicts: readonly Verdict<HeldBackup>[]): readonly string[] {
  if (verdicts.length === 0) return ['  no backups']
  return verdicts.map(({ backup, reasons }) => {
    const fate = reasons.length > 0 ? 'keep  ' : 'remove'
    const why = reasons.length > 0 ? reasons.join(', ') : whyGone(backup)
    return `  ${fate}  ${backup.id}  ${sizeOf(backup.bytes).padStart(8)}  ${why}`
  })
}

/** A failure to remove one backup, in words. */
export function failureLine({ id, error }: Pruned['failed'][number]): string {
  return `${id} could not be removed: ${messageOf(error)}`
}

function whyGone({ complete, drill }: HeldBackup): string {
  if (!complete) return 'unfinished'
  if (drill === undefined) return ''
  return `a drill ${drill.passed ? 'restored it' : 'failed on it'} ${drill.at.toISOString().slice(0, 10)}`
}

/** 1536 is "1.5 kB": as a person reads sizes, in steps of 1000. */
export function sizeOf(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
  let [value, step] = [bytes, 0]
  while (value >= 999.5 && step < units.length - 1) {
    value /= 1000
    step += 1
  }
  return `${step === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[step]}`
}
