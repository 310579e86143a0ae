import { connectTo, type Shared } from './attempt.ts'
import type { Target } from './connection.ts'
import { ConnectionError, InterruptedError } from './error.ts'
import { Hop } from './hop.ts'
import type { Settled } from './settled.ts'

/** A jump host that could not be had is not tried anew for the next host behind it, so soon after. */
const forgetMs = 30_000

interface Try {
  readonly hop: Promise<Hop>
  failedAt: number | undefined
}

interface Step {
  readonly settled: Settled
  readonly way: readonly Target[]
  readonly key: string
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
      await this.#refuseCircle(target)
      return await this.#way(target.jump, signal)
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

  // Before any is connected to: one that waits for itself, or for one that waits for it, would wait for ever.
  async #refuseCircle({ name, jump }: Settled): Promise<void> {
    const seen = new Set<string>()
    for (let step = await this.#step(jump); step !== undefined; step = await this.#step(step.way)) {
      if (seen.has(step.key))
        throw new ConnectionError(
          name,
          `is behind jump hosts that go in a circle: ${step.settled.name} again`,
          {
            reason: 'configuration',
            hint: 'look at jump in the inventory and at ProxyJump in ssh_config; `jump: none` goes without',
          },
        )
      seen.add(step.key)
    }
  }

  /** The last of some jump hosts, what it is itself reached through, and which connection it is. */
  async #step(jump: readonly Target[]): Promise<Step | undefined> {
    const last = jump.at(-1)
    if (last === undefined) return undefined
    const settled = await this.#settle(last)
    const way = jump.length > 1 ? jump.slice(0, -1) : settled.jump
    // Whose known hosts vouch for it is part of which connection it is: another file may know it by another key.
    const { host, port, user, identityFile, identityFiles, knownHostsFiles, hostKeyAlias, proxyCommand } =
      settled
    const key = JSON.stringify([
      ...[host, port, user, hostKeyAlias, proxyCommand, way],
      ...[identityFile, identityFiles, knownHostsFiles],
    ])
    return { settled, way, key }
  }

  async #way(jump: readonly Target[], signal: AbortSignal | undefined): Promise<Hop | undefined> {
    const step = await this.#step(jump)
    if (step === undefined) return undefined
    for (;;) {
      const hop = await waitFor(this.#open(step), signal)
      if (hop.gone) continue // let go of by its last holder just now
      hop.hold()
      return hop
    }
  }

  async #open(step: Step): Promise<Hop> {
    const { key } = step
    const known = this.#tries.get(key)
    if (known !== undefined && (await usable(known))) return known.hop
    // Another may have begun anew while we looked.
    const now = this.#tries.get(key)
    if (now !== undefined && now !== known) return now.hop
    const fresh: Try = { hop: this.#connect(step), failedAt: undefined }
    fresh.hop.catch(() => {
      fresh.failedAt = performance.now()
    })
    this.#tries.set(key, fresh)
    return fresh.hop
  }

  // No caller's signal ends it: others wait for it too, and it has a deadline of its own.
  async #connect({ settled, way }: Step): Promise<Hop> {
    const before = await this.#way(way, undefined)
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
