import { QuaysideError } from '../../error.ts'
import type { Span } from '../wal/status.ts'

/**
 * A moment that the archive covers, by chance: the same for the same share of it (0 up to 1) and the same spans. A recovery
 * begins with the newest base backup of before its time, so each covers its span up to where the next one's begins.
 */
export function momentIn(spans: readonly Span[], share: number): Date {
  const stretches = covered(spans)
  const [newest] = stretches
  if (newest === undefined)
    throw new QuaysideError('there is no time that a recovery could go to', {
      hint: 'backup.ts wal shows what is archived; backup.ts base takes a base backup',
    })
  const length = stretches.reduce((sum, { from, to }) => sum + to - from, 0)
  let left = Math.floor(share * length)
  for (const { from, to } of stretches) {
    if (left < to - from) return new Date(from + left)
    left -= to - from
  }
  return new Date(newest.from)
}

/** Times in milliseconds, the newest stretch first. */
function covered(spans: readonly Span[]): readonly { readonly from: number; readonly to: number }[] {
  const newestFirst = spans
    .flatMap(({ from, to }) => (to === undefined ? [] : [{ from: Date.parse(from), to: Date.parse(to) }]))
    .sort((a, b) => b.from - a.from)
  return newestFirst.map(({ from, to }, index) => ({
    from,
    to: Math.max(from, Math.min(to, newestFirst[index - 1]?.from ?? to)),
  }))
}
