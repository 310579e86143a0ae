import fc from 'fast-check'
import { test } from 'vitest'

/** The same cases in every run unless told, so that a change is judged by what it changes; `random` looks further. */
const wanted = process.env.FC_SEED ?? '1'
const seed = wanted === 'random' ? undefined : Number(wanted)
const path = process.env.FC_PATH
const factor = Number(process.env.FC_RUNS ?? 1)

/**
 * A property over generated cases. A failure is shrunk, and shown with its seed and path; FC_SEED and FC_PATH repeat
 * it. FC_SEED=random FC_RUNS=20 tries other cases, and twenty times as many.
 */
export function property<T>(
  name: string,
  runs: number,
  cases: fc.Arbitrary<T>,
  holds: (each: T) => Promise<void>,
): void {
  const numRuns = Math.max(1, Math.round(runs * factor))
  const options: fc.Parameters<[T]> = {
    numRuns,
    ...(seed === undefined ? {} : { seed }),
    ...(path === undefined ? {} : { path }),
  }
  // Shrinking runs cases too: a failure takes longer than the runs alone.
  const timeout = 120_000 + numRuns * 2000
  test(name, { timeout }, () => fc.assert(fc.asyncProperty(cases, holds), options))
}
