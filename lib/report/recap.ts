import type { Tally } from '../engine/event.ts'
import type { Paint, Style } from './style.ts'
import { displayWidth, padded } from './width.ts'

export interface RecapOptions {
  readonly check: boolean
  readonly paint: Paint
  /** a row for every host, however many there are */
  readonly all: boolean
}

/** Up to so many hosts each has its row; of more, only those with something to tell. */
const mostRows = 25

interface Column {
  readonly title: string
  readonly of: (tally: Tally) => number
  /** left out where no host has any */
  readonly optional?: boolean
}

/** The table at the end of a run: a row a host, totals where there are many. */
export function recap(tallies: readonly Tally[], options: RecapOptions): string[] {
  const { check, paint, all } = options
  const possible: readonly Column[] = [
    { title: 'ok', of: (tally) => tally.unchanged },
    check
      ? { title: 'pending', of: (tally) => tally.pending }
      : { title: 'changed', of: (tally) => tally.changed },
    { title: 'handlers', of: (tally) => tally.handlers },
    { title: 'skipped', of: (tally) => tally.skipped, optional: true },
    { title: 'rescued', of: (tally) => tally.rescued, optional: true },
  ]
  const columns = possible.filter(
    (column) => column.optional !== true || tallies.some((tally) => column.of(tally) > 0),
  )
  const shown = all || tallies.length <= mostRows ? tallies : tallies.filter(worthARow)
  const row = (tally: Tally) => [
    tally.host,
    ...columns.map((column) => String(column.of(tally))),
    tally.state,
  ]
  const rows = [
    { cells: ['host', ...columns.map((column) => column.title), 'state'], style: 'bold' as Style },
    ...shown.map((tally) => ({ cells: row(tally), style: colourOf(tally) })),
    ...(tallies.length > mostRows ? [{ cells: total(tallies, columns), style: 'bold' as Style }] : []),
  ]
  const width = (at: number) => Math.max(...rows.map(({ cells }) => displayWidth(cells[at] ?? '')))
  const widths = (rows[0]?.cells ?? []).map((_, at) => width(at))
  const lines = rows.map(({ cells, style }) => `  ${paint(style, aligned(cells, widths))}`)
  const omitted = tallies.length - shown.length
  if (omitted > 0) lines.push(paint('dim', `  ${omitted} hosts that ended well are not shown; -v shows them`))
  return lines
}

/** Names and states to the left, numbers to the right. */
function aligned(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, at) => {
      const width = widths[at] ?? 0
      return at === 0 || at === cells.length - 1 ? padded(cell, width) : cell.padStart(width)
    })
    .join('  ')
    .trimEnd()
}

function total(tallies: readonly Tally[], columns: readonly Column[]): string[] {
  const sum = (of: (tally: Tally) => number) => tallies.reduce((so, tally) => so + of(tally), 0)
  const states = (['ok', 'failed', 'unreachable', 'left-out'] as const)
    .map((state) => [tallies.filter((tally) => tally.state === state).length, state] as const)
    .filter(([count]) => count > 0)
    .map(([count, state]) => `${count} ${state}`)
  return [`${tallies.length} hosts`, ...columns.map((column) => String(sum(column.of))), states.join(', ')]
}

function worthARow(tally: Tally): boolean {
  return tally.state !== 'ok' || tally.rescued > 0
}

function colourOf(tally: Tally): Style {
  if (tally.state === 'left-out') return 'dim'
  if (tally.state !== 'ok') return 'red'
  return tally.changed + tally.pending + tally.rescued > 0 ? 'yellow' : 'green'
}
