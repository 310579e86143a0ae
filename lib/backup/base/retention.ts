import type { Stored } from '../store/index.ts'
import type { WalArchive } from '../wal/archive.ts'
import { lsnOf, segmentAt, segmentOf } from '../wal/name.ts'
import type { Base } from './base.ts'

/** A base backup as retention sees it. */
export interface HeldBase {
  readonly base: Base
  /** of everything below its folder */
  readonly bytes: number
  /** what keeps it whatever we want: "locked until 2026-12-01" */
  readonly held?: string
}

/** What is to become of a base backup: it stays for these reasons, and goes where there are none. */
export interface BaseVerdict {
  readonly held: HeldBase
  readonly reasons: readonly string[]
}

/**
 * Which base backups stay, newest first, and why: the newest, whatever `keep` says, and as many as it says; and what those
 * are incremental upon, without which they are nothing.
 */
export function judgeBases(bases: readonly HeldBase[], keep: number | undefined): readonly BaseVerdict[] {
  const newestFirst = [...bases].sort((a, b) => (a.base.id < b.base.id ? 1 : -1))
  // A parent is older: by the time that it is looked at, it is known who needs it.
  const needed = new Map<string, string>()
  return newestFirst.map((held, index) => {
    const { id, parent } = held.base
    const child = needed.get(id)
    const reasons = [
      ...(index === 0 ? ['newest'] : []),
      ...(keep === undefined ? ['backup_keep has no base'] : index < keep ? [`base ${index + 1}`] : []),
      ...(child === undefined ? [] : [`${child} is incremental upon it`]),
      ...(held.held === undefined ? [] : [held.held]),
    ]
    if (parent !== undefined && reasons.length > 0) needed.set(parent, id)
    return { held, reasons }
  })
}

/**
 * Files of the log that no recovery from one of these base backups can need: segments of their server from before the
 * first of them begins, on whatever timeline, since segments are counted over all of them; and all of a server that has
 * none of them, and stored its last file before the first of them was taken. Histories stay: they are a few lines, and
 * say which timeline comes from which. Without any base backup nothing is known to be of no use.
 */
export function needlessLog(archives: readonly WalArchive[], kept: readonly Base[]): readonly Stored[] {
  if (kept.length === 0) return []
  const oldest = Math.min(...kept.map(({ startedAt }) => Date.parse(startedAt)))
  return archives.flatMap(({ system, files }) => {
    const own = kept.filter((base) => base.system === system)
    if (own.length > 0) return before(files, own)
    const last = Math.max(...[...files.values()].map(({ modified }) => modified.getTime()))
    return last < oldest ? [...files.values()] : []
  })
}

function before(files: WalArchive['files'], bases: readonly Base[]): readonly Stored[] {
  const [{ segmentBytes }] = bases as readonly [Base]
  const first = Math.min(
    ...bases.map(({ timeline, start }) => segmentAt(timeline, lsnOf(start), segmentBytes).number),
  )
  return [...files].flatMap(([name, stored]) => {
    // A backup's label and a partial segment are of the segment that their names begin with.
    const [, segment = ''] = /^([0-9A-F]{24})(?:\.[0-9A-F]{8}\.backup|\.partial)?$/.exec(name) ?? []
    const number = segmentOf(segment, segmentBytes)?.number
    return number !== undefined && number < first ? [stored] : []
  })
}
