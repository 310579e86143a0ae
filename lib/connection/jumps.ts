import { connectTo, type Shared } from './attempt.ts'
import type { Target } from './connection.ts'
import { ConnectionError, InterruptedError } from './error.ts'
import { Hop } from './hop.ts'
import type { Settled } from './settled.ts'

/** A jump host that could not be had is not tried anew for the next host behind it, so soon after. */
const forgetMs = 30_000
const deepest = 8

interface Try {
  readonly hop: Promise<Hop>
  failedAt: number | undefined
}

/** The jump hosts of a run: one connection each, whoever goes through it. */
export class Jumps {
  readonly #settle: (target: Target) => Promise<Settled>
  readonly #shared: Shared
  readonly #tries = new Map<string, Try>()

  constructor(settle: (target: Target) => Promise<Settled>, shared: Shared) {
    this.#settle = settle
    this.#shared = shared
  }

  /** The last of a target's jump hosts, held for it: release it when done. Undefined for a host reached directly. */
  async before(target: Settled, signal: AbortSignal | undefined): Promise<Hop | undefined> {
    try {
      return await this.#way(target.jump, target.name, signal, 0)
    } catch (error) {
      if (signal?.aborted)
        throw new InterruptedError(target.name, 'interrupted while reaching its jump host', { cause: error })
      if (!(error instanceof ConnectionError)) throw error
      throw new ConnectionError(target.name, `jump host ${error.message}`, {
        reason: error.reason,
        cause: error,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      })
    }
  }

  async #way(
    jump: readonly Target[],
    name: string,
    signal: AbortSignal | undefined,
    depth: number,
  ): Promise<Hop | undefined> {
    const last = jump.at(-1)
    if (last === undefined) return undefined
    if (depth > deepest)
      throw new ConnectionError(name, `is behind more than ${deepest} jump hosts: do they go in a circle?`, {
        reason: 'configuration',
        hint: 'look at jump in the inventory and at ProxyJump in ssh_config; `jump: none` goes without',
      })
    const settled = await this.#settle(last)
    const way = jump.length > 1 ? jump.slice(0, -1) : settled.jump
    // Whose known hosts vouch for it is part of which connection it is: another file may know it by another key.
    const { host, port, user, identityFile, identityFiles, knownHostsFiles, hostKeyAlias, proxyCommand } =
      settled
    const key = JSON.stringify([
      ...[host, port, user, hostKeyAlias, proxyCommand, way],
      ...[identityFile, identityFiles, knownHostsFiles],
    ])
    for (;;) {
      const hop = await waitFor(this.#open(key, settled, way, depth), signal)
      if (hop.gone) continue // let go of by its last holder just now
      hop.hold()
      return hop
    }
  }

  async #open(key: string, settled: Settled, way: readonly Target[], depth: number): Promise<Hop> {
    const known = this.#tries.get(key)
    if (known !== undefined && (await usable(known))) return known.hop
    // Another may have begun anew while we looked.
    const now = this.#tries.get(key)
    if (now !== undefined && now !== known) return now.hop
    const fresh: Try = { hop: this.#connect(settled, way, depth), failedAt: undefined }
    fresh.hop.catch(() => {
      fresh.failedAt = performance.now()
    })
    this.#tries.set(key, fresh)
    return fresh.hop
  }

  // No caller's signal ends it: others wait for it too, and it has a deadline of its own.
  async #connect(settled: Settled, way: readonly Target[], depth: number): Promise<Hop> {
    const before = await this.#way(way, settled.name, undefined, depth + 1)
    try {
      return await connectTo(settled, before, this.#shared, undefined, async ({ client, socket }) => {
        client.once('close', () => before?.release())
        return new Hop(settled.name, client, () => {
          client.end()
          setTimeout(() => socket.destroy(), 1000).unref()
        })
      })
    } catch (error) {
      before?.release()
      throw error
    }
  }
}

async function usable(known: Try): Promise<boolean> {
  if (known.failedAt !== undefined) return performance.now() - known.failedAt < forgetMs
  return known.hop.then(
    (hop) => !hop.gone,
    () => true,
  )
}

async function waitFor<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason)
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}
