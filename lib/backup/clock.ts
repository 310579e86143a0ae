import type { Connection } from '../connection/index.ts'
import { raw } from '../script/index.ts'

/** How far another clock is ahead of this machine's, and how sure that is: both in milliseconds. */
export interface Skew {
  readonly ms: number
  readonly sure: number
}

/** Of a host: its time was told somewhere between our asking and its answer. */
export async function hostSkew(connection: Connection): Promise<Skew> {
  const asked = Date.now()
  const { stdout } = await connection.run(raw('date +%s%3N'), { title: 'the look at its clock' })
  const answered = Date.now()
  return skewOf(Number(stdout.trim()), asked, answered)
}

/** The skew of a clock that said `told` between two moments of ours; `grain` is how coarsely it tells. */
export function skewOf(told: number, asked: number, answered: number, grain = 0): Skew {
  return {
    ms: Math.round(told + grain / 2 - (asked + answered) / 2),
    sure: Math.ceil((answered - asked + grain) / 2),
  }
}

/** Whether it is sure that a clock is off by more than that. */
export function isOff({ ms, sure }: Skew, most: number): boolean {
  return Math.abs(ms) - sure > most
}
