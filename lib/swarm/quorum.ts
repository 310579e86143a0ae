import { UsageError } from '../error.ts'

/** How many of so many managers must agree (Raft): without them nothing in a swarm can be changed. */
export function majority(managers: number): number {
  return Math.floor(managers / 2) + 1
}

/** Throws a UsageError unless so many managers are a sound number: an even one bears no more losses than one less. */
export function demandOdd(managers: readonly string[]): void {
  const count = managers.length
  if (count % 2 === 1) return
  const named = count === 0 ? 'none' : managers.join(', ')
  throw new UsageError(
    `a swarm wants an odd number of managers, and group manager has ${count}: ${named}`,
    count === 0
      ? 'put one, three or five hosts into group manager'
      : `${count} of them bear the loss of ${count - majority(count)}, as ${count - 1} do: make one a worker, or add one`,
  )
}

/** A manager, and whether the others reach it. */
export interface Voter {
  readonly id: string
  readonly reachable: boolean
}

/** True when the managers that are left still agree once this one is none any more. */
export function keepsQuorum(managers: readonly Voter[], without: string): boolean {
  const left = managers.filter(({ id }) => id !== without)
  return left.filter(({ reachable }) => reachable).length >= majority(left.length)
}
