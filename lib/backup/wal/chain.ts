import type { Switch } from './history.ts'
import { nameOf, type Segment, segmentAt, segmentOf } from './name.ts'

/** Where recovery begins: what a base backup needs first. */
export interface ChainStart {
  readonly timeline: number
  readonly lsn: number
  readonly segmentBytes: number
}

/** Segments that are missing between some that are there. */
export interface Gap {
  readonly first: string
  readonly last: string
  readonly count: number
}

/** The log from a base backup on. */
export interface Chain {
  /** the timeline that it ends on */
  readonly timeline: number
  /** without a gap, in the order of recovery */
  readonly segments: readonly string[]
  /** none: everything up to the newest segment is there */
  readonly gaps: readonly Gap[]
  /** segments that are there and of no use to this base backup, since they come after a gap */
  readonly beyond: number
}

/**
 * The segments from a base backup up to the newest one of the newest timeline that descends from it.
 * @param names all files of the archive
 * @param histories by timeline, those of all that have one
 */
export function chainFrom(
  start: ChainStart,
  names: Iterable<string>,
  histories: ReadonlyMap<number, readonly Switch[]>,
): Chain {
  const { segmentBytes } = start
  const there = new Set(names)
  const timeline = newestDescendant(start, histories)
  const line = timelineOfSegment(start, timeline, histories.get(timeline) ?? [])
  const first = segmentAt(start.timeline, start.lsn, segmentBytes).number
  const last = Math.max(first - 1, ...onLine(there, line, segmentBytes))
  const segments: string[] = []
  const gaps: { first: string; last: string; count: number }[] = []
  let beyond = 0
  let missing = false
  for (let number = first; number <= last; number += 1) {
    const name = nameOf({ timeline: line(number), number }, segmentBytes)
    const open = gaps.at(-1)
    if (there.has(name)) {
      if (open === undefined) segments.push(name)
      else beyond += 1
      missing = false
    } else if (missing && open !== undefined) {
      open.last = name
      open.count += 1
    } else {
      gaps.push({ first: name, last: name, count: 1 })
      missing = true
    }
  }
  return { timeline, segments, gaps, beyond }
}

function* onLine(
  names: Iterable<string>,
  line: (number: number) => number,
  segmentBytes: number,
): Generator<number> {
  for (const name of names) {
    const segment: Segment | undefined = segmentOf(name, segmentBytes)
    if (segment !== undefined && line(segment.number) === segment.timeline) yield segment.number
  }
}

function newestDescendant(
  { timeline, lsn }: ChainStart,
  histories: ReadonlyMap<number, readonly Switch[]>,
): number {
  const descends = ([, ancestors]: readonly [number, readonly Switch[]]) =>
    ancestors.some((each) => each.timeline === timeline && each.lsn > lsn)
  return Math.max(timeline, ...[...histories].filter(descends).map(([each]) => each))
}

/**
 * Which timeline a segment is to be taken from. The one that a switch lies in is the later timeline's: it begins with a
 * copy of the earlier one's up to there.
 */
function timelineOfSegment(
  { segmentBytes }: ChainStart,
  last: number,
  switches: readonly Switch[],
): (number: number) => number {
  const ends = switches.map(({ timeline, lsn }) => ({
    timeline,
    before: Math.floor(lsn / segmentBytes),
  }))
  return (number) => ends.find(({ before }) => number < before)?.timeline ?? last
}
