import type { Tally } from '../engine/event.ts'
import type { Paint } from './style.ts'

/** The table at the end of a run: a row a host. */
export function recap(tallies: readonly Tally[], check: boolean, paint: Paint): string {
  const title = ['host', 'ok', check ? 'pending' : 'changed', 'handlers', 'state']
  const rows = tallies.map((tally) => [
    tally.host,
    String(tally.unchanged),
    String(check ? tally.pending : tally.changed),
    String(tally.handlers),
    tally.state,
  ])
  const widths = title.map((_, column) =>
    Math.max(...[title, ...rows].map((row) => row[column]?.length ?? 0)),
  )
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return column === 0 || column === row.length - 1 ? cell.padEnd(width) : cell.padStart(width)
      })
      .join('  ')
      .trimEnd()
  const colour = (tally: Tally) =>
    tally.state !== 'ok' ? 'red' : tally.changed + tally.pending > 0 ? 'yellow' : 'green'
  return [
    paint('bold', line(title)),
    ...tallies.map((tally, index) => paint(colour(tally), line(rows[index] ?? []))),
  ]
    .map((each) => `  ${each}`)
    .join('\n')
}
