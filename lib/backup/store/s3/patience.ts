import { setTimeout as sleep } from 'node:timers/promises'

/** How long a server is waited for. */
export interface Patience {
  /** in all, the first one too */
  readonly attempts: number
  /** milliseconds before the second attempt; each later wait is twice the one before */
  readonly first: number
  /** milliseconds that no wait is longer than */
  readonly most: number
  /** milliseconds to connect in */
  readonly connect: number
  /** milliseconds in which some byte must pass, either way */
  readonly idle: number
  /** milliseconds of trying in vain after which that is told; told again each time as many have passed */
  readonly quiet: number
}

/** About a minute of a server that is away, which a restart of it takes. */
export const usual: Patience = {
  attempts: 10,
  first: 300,
  most: 15_000,
  connect: 10_000,
  idle: 60_000,
  quiet: 20_000,
}

/** Milliseconds to wait after that many attempts that failed: doubled each time, and spread, so that many do not return at once. */
export function pause(failed: number, patience: Patience, random: () => number = Math.random): number {
  const whole = Math.min(patience.most, patience.first * 2 ** (failed - 1))
  return whole / 2 + (random() * whole) / 2
}

/** Waits so; throws when the signal is aborted meanwhile. */
export async function wait(failed: number, patience: Patience, signal?: AbortSignal): Promise<void> {
  await sleep(pause(failed, patience), undefined, signal === undefined ? {} : { signal })
}
