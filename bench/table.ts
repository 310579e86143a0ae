/** One measured combination. */
export interface Cell {
  readonly tool: string
  readonly kind: 'warm' | 'cold' | 'first run'
  readonly hosts: number
  /** added milliseconds, there and back */
  readonly latency: number
  /** the median run */
  readonly seconds: number
  readonly cpuSeconds: number
  /** seconds of each run */
  readonly runs: readonly number[]
  /** the machine's load average at the end: more than was ours means that others worked on it, too */
  readonly load: number
  readonly peakMiB?: number
  /** round trips and connections a host */
  readonly turns?: number
  readonly connections?: number
  /** processor time that the proxy took a run: near to the seconds, it would be what is measured */
  readonly proxyCpu?: number
}

const title = 'run        hosts  ms   tool                   s      cpu s  MiB   trips  proxy cpu'

/** Cells as a table for a person. */
export function table(cells: readonly Cell[]): string {
  const optional = (value: number | undefined, digits: number) =>
    value === undefined ? '' : value.toFixed(digits)
  const rows = cells.map((cell) =>
    [
      cell.kind.padEnd(10),
      String(cell.hosts).padStart(5),
      String(cell.latency).padStart(3),
      ` ${cell.tool.padEnd(19)}`,
      cell.seconds.toFixed(2).padStart(6),
      cell.cpuSeconds.toFixed(2).padStart(7),
      optional(cell.peakMiB, 0).padStart(5),
      optional(cell.turns, 1).padStart(6),
      optional(cell.proxyCpu, 2).padStart(9),
    ]
      .join(' ')
      .trimEnd(),
  )
  return [title, ...rows].join('\n')
}
