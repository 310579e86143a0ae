import type { Release } from '../deploy/release.ts'
import { whoami } from '../engine/lock.ts'
import { noteOnEach } from './keep.ts'
import type { Kept, StackDeployed } from './kept.ts'
import type { Managers } from './manager.ts'
import { prune } from './prune.ts'
import { revert } from './revert.ts'
import { type Rollout, rollOut, type StackWork } from './rollout.ts'

/** What is to take the place of what runs, as a line of the history. */
export interface Successor extends Rollout {
  readonly release: Release
  readonly kind: StackDeployed['kind']
}

/**
 * Has every service run as the successor says, writes it into the history, and removes what nothing needs any more. Where a
 * service fails, the whole stack is what `kept` says again, and a StackFailed tells why.
 */
export async function takeOver(
  work: StackWork,
  managers: Managers,
  successor: Successor,
  kept: Kept,
): Promise<void> {
  const { stack, release, text, kind } = successor
  const failures = await rollOut(work, managers, successor)
  if (failures.length > 0) throw await revert(work, managers, { stack, release, failures }, kept)
  await noteOnEach(work, { ...release, at: new Date().toISOString(), by: whoami(), kind })
  work.emit({ type: 'step', text: `${release.id} is deployed: every service runs it` })
  await prune(work, managers, stack, [text, kept.file])
}
