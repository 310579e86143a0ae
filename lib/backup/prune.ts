import { type HeldBackup, type HeldOptions, heldBackups } from './held.ts'
import { layout } from './layout.ts'
import { judgeBackups, unfinishedMs, type Verdict } from './retention.ts'
import type { Keep } from './settings.ts'
import type { Store } from './store/store.ts'
import { removeBelow } from './sweep.ts'

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
  await removeBelow(store, layout.backup(env, id))
}
