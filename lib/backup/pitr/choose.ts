import { QuaysideError, UsageError } from '../../error.ts'
import type { Base } from '../base/base.ts'
import type { Stored } from '../store/index.ts'
import type { Chain } from '../wal/chain.ts'

/** A moment to go back to, or as far as the log goes. */
export type RecoveryTime = Date | 'latest'

/** The base backup to begin with: the newest that had ended by then. `bases` are the newest first. */
export function chooseBase(bases: readonly Base[], at: RecoveryTime): Base {
  const [newest] = bases
  if (newest === undefined)
    throw new QuaysideError('there is no base backup that recovery could begin with', {
      hint: 'npx zx playbooks/backup.ts base takes one; until then a restore has the logical backups alone',
    })
  if (at === 'latest') return newest
  const found = bases.find((each) => new Date(each.endedAt) <= at)
  if (found !== undefined) return found
  const oldest = bases.at(-1) ?? newest
  throw new UsageError(
    `no base backup is as old as ${at.toISOString()}: recovery can go back to ${oldest.endedAt}`,
    'take a logical backup of before then: backup.ts list',
  )
}

/** A recovery to a time that has not come cannot be what was meant. */
export function refuseFuture(at: RecoveryTime, now: Date): void {
  if (at !== 'latest' && at > now)
    throw new UsageError(
      `${at.toISOString()} has not come yet`,
      'give a time that has passed, with its zone: …Z',
    )
}

/**
 * How many segments of a chain a recovery to that time surely needs: up to two that were stored after it, since one that
 * was stored before cannot hold anything later. Further ones may be needed where the store was away.
 */
export function surelyNeeded(
  { segments }: Chain,
  files: ReadonlyMap<string, Stored>,
  at: RecoveryTime,
): number {
  if (at === 'latest') return segments.length
  const later = segments.findIndex((name) => (files.get(name)?.modified ?? at) > at)
  return later < 0 ? segments.length : Math.min(later + 2, segments.length)
}
