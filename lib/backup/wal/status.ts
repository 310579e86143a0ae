import type { Connection } from '../../connection/index.ts'
import { messageOf } from '../../error.ts'
import { sh } from '../../script/index.ts'
import type { Keys } from '../../secret/age/key.ts'
import type { Secret } from '../../secret/index.ts'
import { listBases, readBase } from '../base/base.ts'
import { chainOf } from '../base/chain.ts'
import type { Store } from '../store/index.ts'
import { readArchives } from './archive.ts'
import { chainFrom, type Gap } from './chain.ts'
import { lsnOf } from './name.ts'
import { readHistories } from './read.ts'

/** What the archiver on a host says of itself. */
export interface ArchiverStatus {
  readonly host: string
  /** of the server whose log it ships */
  readonly system: string
  /** when it last looked */
  readonly at: Date
  /** the last segment that S3 took, and when */
  readonly last: string | undefined
  readonly lastAt: Date | undefined
  /** bytes of finished segments that S3 does not have */
  readonly queueBytes: number
  /** age of the oldest of them */
  readonly lagSeconds: number
  /** segments given up since the last base backup */
  readonly gaps: number
  readonly failing: boolean
}

/** From when to when a recovery can go from one base backup. */
export interface Span {
  readonly base: string
  /** of the server that it is of */
  readonly system: string
  readonly from: string
  /** when the last segment without a gap before it was stored; undefined where not even the first is there */
  readonly to: string | undefined
  readonly segments: number
  readonly gaps: readonly Gap[]
  /** the base backup that it is incremental upon */
  readonly parent?: string
  /** why what it is incremental upon cannot be had */
  readonly broken?: string
}

/** How it stands with the archive of an environment's log. */
export interface WalStatus {
  /** undefined where no host was asked, or there is none */
  readonly archiver: ArchiverStatus | undefined
  /** the newest first */
  readonly spans: readonly Span[]
}

/** What the store has: for each base backup, how far a recovery from it can go. */
export async function readSpans(
  store: Store,
  env: string,
  keys: Keys,
  key: Secret | undefined,
): Promise<readonly Span[]> {
  const archives = new Map((await readArchives(store, env)).map((each) => [each.system, each]))
  const spans: Span[] = []
  for (const id of await listBases(store, env)) {
    const base = await readBase(store, env, id, key)
    const archive = archives.get(base.system) ?? { system: base.system, files: new Map() }
    const { timeline, start, segmentBytes } = base
    const histories = await readHistories(store, env, archive, keys)
    const chain = chainFrom({ timeline, lsn: lsnOf(start), segmentBytes }, archive.files.keys(), histories)
    const last = archive.files.get(chain.segments.at(-1) ?? '')
    spans.push({
      base: id,
      system: base.system,
      from: base.endedAt,
      to: last === undefined ? undefined : later(base.endedAt, last.modified.toISOString()),
      segments: chain.segments.length,
      gaps: chain.gaps,
      ...(base.parent === undefined ? {} : { parent: base.parent }),
      ...(await chainOf(base, (each) => readBase(store, env, each, key)).then(
        () => ({}),
        (error: unknown) => ({ broken: messageOf(error) }),
      )),
    })
  }
  return spans
}

// What a base backup itself needs is stored a moment before it ends.
function later(a: string, b: string): string {
  return a > b ? a : b
}

/** Asks the archiver of a host; undefined where there is none. */
export async function readArchiver(connection: Connection): Promise<ArchiverStatus | undefined> {
  const { stdout } = await connection.run(sh`cat /var/lib/quayside/wal/status 2>/dev/null || :`)
  return archiverStatus(connection.name, stdout)
}

/** What stands in its status file. */
export function archiverStatus(host: string, text: string): ArchiverStatus | undefined {
  const of = new Map(
    text.split('\n').map((line) => [line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1)]),
  )
  const number = (name: string) => Number(of.get(name) ?? 0)
  if (number('at') === 0) return undefined
  const last = of.get('last')
  return {
    host,
    system: of.get('system') ?? '',
    at: new Date(number('at') * 1000),
    last: last === '' ? undefined : last,
    lastAt: number('last_at') === 0 ? undefined : new Date(number('last_at') * 1000),
    queueBytes: number('queue_bytes'),
    lagSeconds: number('lag'),
    gaps: number('gaps'),
    failing: number('failing') === 1,
  }
}

/** The status in lines for a person. */
export function walLines({ archiver, spans }: WalStatus, now: Date): readonly string[] {
  return [...archiverLines(archiver, now), ...unbasedLines(archiver, spans), '', ...spanLines(spans)]
}

/** A server that was begun anew, or never had a base backup, archives what nothing can be played onto. */
function unbasedLines(archiver: ArchiverStatus | undefined, spans: readonly Span[]): readonly string[] {
  if (archiver === undefined || spans.some(({ system }) => system === archiver.system)) return []
  return ['  no base backup is of this server: no recovery gets to what it ships (backup.ts base)']
}

/** seconds without a look after which an archiver is taken to have stopped */
export const silence = 120

function archiverLines(archiver: ArchiverStatus | undefined, now: Date): readonly string[] {
  if (archiver === undefined)
    return ['no archiver: postgres_archive is not set, or site.ts has not run since']
  const { host, last, lastAt, queueBytes, lagSeconds, gaps, failing, at } = archiver
  const silent = Math.round((now.getTime() - at.getTime()) / 1000)
  return [
    `${host}: ${last === undefined ? 'nothing shipped yet' : `last shipped ${last}, ${lastAt?.toISOString()}`}`,
    `  waiting: ${Math.ceil(queueBytes / 1024 ** 2)} MiB, the oldest for ${lagSeconds} s`,
    ...(silent > silence
      ? [`  it has not been heard of for ${silent} s: systemctl status quayside-wal`]
      : []),
    ...(failing ? ['  S3 does not take what it ships: journalctl -u quayside-wal'] : []),
    ...(gaps > 0 ? [`  it gave up ${gaps} segments: take a base backup now (backup.ts base)`] : []),
  ]
}

function spanLines(spans: readonly Span[]): readonly string[] {
  if (spans.length === 0)
    return ['no base backup: recovery to a point in time cannot be had (backup.ts base)']
  return spans.flatMap((span) => [
    `base backup ${span.base}${span.parent === undefined ? '' : ` (incremental upon ${span.parent})`}: ${reach(span)}`,
    ...span.gaps.map(({ first, last, count }) =>
      count === 1 ? `  missing: ${first}` : `  missing: ${first} to ${last}, ${count} segments`,
    ),
  ])
}

/** How far a recovery from a base backup can go. */
function reach({ broken, from, to, segments }: Span): string {
  if (broken !== undefined) return `of no use, ${broken}`
  if (to === undefined) return 'of no use, its log is not there'
  return `from ${from} to ${to}, over ${segments} segments`
}
