import { onOneLine } from './printable.ts'
import type { Recording, Span } from './recording.ts'
import { duration, type Paint } from './style.ts'
import { displayWidth, padded } from './width.ts'

export interface ProfileOptions {
  readonly paint: Paint
  /** rows of each table */
  readonly most: number
}

interface Busy extends Span {
  readonly host: string
}

/** Where the time of a run went: the slowest resources, then by role and by host. */
export function profile(recording: Recording, { paint, most }: ProfileOptions): string[] {
  const spans: Busy[] = [...recording.hosts.values()].flatMap(({ name, spans }) =>
    spans.map((span) => ({ ...span, host: name })),
  )
  const done = spans.filter(({ kind, role }) => role !== '' && kind !== 'connect' && kind !== 'look')
  const slowest = [...done].sort((one, other) => msOf(other) - msOf(one)).slice(0, most)
  const table = (title: string, rows: readonly (readonly string[])[]) =>
    rows.length === 0 ? [] : ['', `  ${paint('bold', title)}`, ...aligned(rows)]
  return [
    ...table(
      'slowest',
      slowest.map((span) => [duration(msOf(span)), span.host, span.role, onOneLine(span.label)]),
    ),
    ...table(
      'by role',
      rowsBy(done, ({ role }) => role, most),
    ),
    ...table('by host', hostRows(spans, most)),
    '',
    `  ${paint('bold', 'time on hosts')}  ${phases(spans)}`,
  ]
}

/** Milliseconds of spans by phase, as words: "connecting 1.2s, looking 0.4s, changing 3.0s". */
export function phases(spans: readonly Span[]): string {
  const names = [
    ['connecting', ['connect']],
    ['looking', ['look']],
    ['changing', ['change']],
    ['handlers', ['handler']],
    ['failing', ['failed']],
  ] as const
  const parts = names
    .map(
      ([name, kinds]) =>
        [name, total(spans.filter(({ kind }) => kinds.some((each) => each === kind)))] as const,
    )
    .filter(([, ms]) => ms > 0)
    .map(([name, ms]) => `${name} ${duration(ms)}`)
  return parts.length === 0 ? 'none' : parts.join(', ')
}

function rowsBy(spans: readonly Busy[], key: (span: Busy) => string, most: number): string[][] {
  return grouped(spans, key)
    .slice(0, most)
    .map(([name, mine]) => [
      duration(total(mine)),
      name,
      `${mine.length} ${mine.length === 1 ? 'change' : 'changes'}`,
    ])
}

function hostRows(spans: readonly Busy[], most: number): string[][] {
  return grouped(spans, ({ host }) => host)
    .slice(0, most)
    .map(([name, mine]) => [duration(total(mine)), name, phases(mine)])
}

/** Groups, those that took longest first. */
function grouped(spans: readonly Busy[], key: (span: Busy) => string): [string, Busy[]][] {
  const groups = new Map<string, Busy[]>()
  for (const span of spans) {
    const group = groups.get(key(span))
    if (group === undefined) groups.set(key(span), [span])
    else group.push(span)
  }
  return [...groups].sort(([, one], [, other]) => total(other) - total(one))
}

function msOf({ start, end }: Span): number {
  return end - start
}

function total(spans: readonly Span[]): number {
  return spans.reduce((sum, span) => sum + msOf(span), 0)
}

/** The time to the right, all else to the left. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => displayWidth(row[at] ?? ''))))
  return rows.map((row) =>
    `    ${row.map((cell, at) => (at === 0 ? cell.padStart(widths[at] ?? 0) : padded(cell, widths[at] ?? 0))).join('  ')}`.trimEnd(),
  )
}
