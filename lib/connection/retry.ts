import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectionError, type ConnectionFailure } from './error.ts'

const tries = 3
const firstPauseMs = 250

/**
 * Failures that another try may cure: an sshd under load drops connections before its banner (MaxStartups). A refused
 * port, a name that does not resolve, a wrong key are what they are; and a host that does not answer within its
 * timeout is not given that timeout thrice.
 */
const passing: ReadonlySet<ConnectionFailure> = new Set(['reset'])

/** Tries up to three times, with pauses of 250 and 500 ms, each halved or stretched by up to one half at random. */
export async function withRetry<T>(attempt: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt()
    } catch (error) {
      const worthwhile = error instanceof ConnectionError && passing.has(error.reason)
      if (!worthwhile || tried === tries || signal?.aborted) throw error
      const pause = firstPauseMs * 2 ** (tried - 1) * (0.5 + Math.random())
      await sleep(pause, undefined, signal ? { signal } : {}).catch(() => {})
      if (signal?.aborted) throw error
    }
  }
}
