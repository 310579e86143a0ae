import { createHash, randomInt } from 'node:crypto'
import { QuaysideError } from '../../error.ts'

/** A seed that a person can type again. */
export function newSeed(): number {
  return randomInt(1, 1_000_000)
}

/** One of the names, by chance: the same for the same seed and the same names, in whatever order they come. */
export function pick(names: readonly string[], seed: number): string {
  const sorted = [...names].sort()
  const hash = createHash('sha256').update(`quayside drill ${seed}`).digest()
  const picked = sorted[Number(hash.readBigUInt64BE() % BigInt(Math.max(1, sorted.length)))]
  if (picked === undefined) throw new QuaysideError('there is nothing to choose from')
  return picked
}

/** A number from 0 up to 1 by a seed: for PostgreSQL's setseed. */
export function fraction(seed: number): number {
  return createHash('sha256').update(`quayside sample ${seed}`).digest().readUInt32BE() / 2 ** 32
}
