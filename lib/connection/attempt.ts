import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import { connectFailure, type Phase } from './failure.ts'
import type { Hop } from './hop.ts'
import { loadTrust } from './host-key.ts'
import { loadOffers } from './identity.ts'
import type { KeyFiles } from './key-file.ts'
import { login } from './login.ts'
import { reach } from './reach.ts'
import { withRetry } from './retry.ts'
import type { Settled } from './settled.ts'

/** What connections of one run have in common. */
export interface Shared {
  readonly keys: KeyFiles
  /** told of a new host key that was accepted, and of which host; without it none is accepted */
  readonly accepted: ((text: string, host: string) => void) | undefined
}

/** A connection that has logged in, and what carries it. */
export interface LoggedIn {
  readonly client: Client
  readonly socket: Duplex
}

/**
 * Logs in to a host and makes of the connection what it is wanted for. Each try takes connectTimeoutSeconds at most,
 * from the first packet to the end of `use`, whatever the host stalls at. Throws a ConnectionError.
 */
export async function connectTo<T>(
  target: Settled,
  hop: Hop | undefined,
  shared: Shared,
  signal: AbortSignal | undefined,
  use: (connection: LoggedIn, phase: (now: Phase) => void) => Promise<T>,
): Promise<T> {
  const offers = await loadOffers(target, shared.keys)
  const once = async () => {
    const trust = await loadTrust(target)
    const deadline = AbortSignal.timeout(target.connectTimeoutSeconds * 1000)
    const stop = signal ? AbortSignal.any([signal, deadline]) : deadline
    let phase: Phase = 'reaching it'
    let socket: Duplex | undefined
    const enter = (now: Phase) => {
      phase = now
    }
    const { accepted } = shared
    try {
      return await unless(stop, async () => {
        socket = await reach(target, hop, stop)
        if (stop.aborted) socket.destroy()
        enter('negotiating with sshd')
        const client = await login(socket, {
          target,
          trust,
          offers,
          accepted: accepted && ((text) => accepted(text, target.name)),
          negotiated: () => enter('logging in'),
        })
        return use({ client, socket }, enter)
      })
    } catch (error) {
      socket?.destroy()
      const reason: unknown = stop.aborted ? stop.reason : error
      throw connectFailure({ target, phase, offers, deadline, signal, hop, socket }, reason)
    }
  }
  return withRetry(hop === undefined ? once : () => hop.turns.take(once), signal)
}

/** Does the work, but waits no longer than the signal lets it. */
async function unless<T>(stop: AbortSignal, work: () => Promise<T>): Promise<T> {
  stop.throwIfAborted()
  let giveUp = () => {}
  const stopped = new Promise<never>((_, reject) => {
    giveUp = () => reject(stop.reason)
    stop.addEventListener('abort', giveUp, { once: true })
  })
  try {
    return await Promise.race([work(), stopped])
  } finally {
    stop.removeEventListener('abort', giveUp)
  }
}
