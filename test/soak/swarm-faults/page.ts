import { noteRows, rowsOf } from '../faults-page.ts'
import { type Fault, faults } from './faults.ts'

/** What a fault did to a deploy to a swarm, as it was seen. */
export interface SwarmFaultRow {
  readonly fault: string
  readonly code: number
  readonly says: string
  readonly serves: string
  readonly requests: number
  /** that had a healthy path */
  readonly failed: number
  /** that a node which went had in its hands */
  readonly gone: number
}

/** Puts a row into docs/faults.md, in the place of the one from an earlier run. */
export function noteFault(row: SwarmFaultRow): void {
  noteRows(
    'On a swarm',
    faults.map(({ what }) => what),
    [
      [
        row.fault,
        String(row.code),
        row.says.replace(/-\d{13}/g, ''),
        row.serves,
        `${row.failed} of ${row.requests}${row.gone === 0 ? '' : ` (and ${row.gone} in the hands of what died)`}`,
      ],
    ],
  )
}

/** What became of the same file when it was given to Docker by hand. */
export interface ByHand {
  readonly code: number
  readonly output: string
  readonly happened: string
}

/** Puts it beside what our deploy of the same fault came to. */
export function noteByHand({ what }: Fault, [detached, waited]: readonly [ByHand, ByHand]): void {
  const [, code = '?', , serves = '?'] = rowsOf('On a swarm').find(([fault]) => fault === what) ?? []
  const happened =
    detached.happened === waited.happened
      ? waited.happened
      : `${detached.happened}; with false: ${waited.happened}`
  noteRows(
    '`docker stack deploy` beside it',
    faults.map(({ what }) => what),
    [[what, `${code}, ${serves}`, told(detached), told(waited), happened]],
  )
}

function told({ code, output }: ByHand): string {
  const lines = output.split('\n').map((line) => line.trim())
  const last = lines.findLast((line) => line !== '' && !line.startsWith('Updating service')) ?? 'nothing'
  return `${code === 124 ? 'no end' : code}: ${last}`
}
