import type { Connection } from '../connection/connection.ts'
import type { Host } from '../inventory/inventory.ts'
import type { Emit } from './event.ts'
import type { FactsStore } from './planner.ts'
import { Session } from './session.ts'

interface SessionsOptions {
  readonly connect: (host: Host, options: { signal: AbortSignal }) => Promise<Connection>
  readonly emit: Emit
  readonly signal: AbortSignal
  /** told the facts of each host that is connected */
  readonly factsStore: FactsStore | undefined
}

/** The connections of a run: each host's is opened when it is first needed, once, and told. */
export class Sessions {
  readonly #options: SessionsOptions
  readonly #opened = new Map<string, Promise<Session>>()

  constructor(options: SessionsOptions) {
    this.#options = options
  }

  of(host: Host): Promise<Session> {
    let session = this.#opened.get(host.name)
    if (session === undefined) {
      session = this.#open(host)
      this.#opened.set(host.name, session)
    }
    return session
  }

  async close(): Promise<void> {
    const sessions = await Promise.allSettled(this.#opened.values())
    await Promise.allSettled(
      sessions.map((each) => (each.status === 'fulfilled' ? each.value.connection.close() : undefined)),
    )
  }

  async #open(host: Host): Promise<Session> {
    const { connect, emit, signal, factsStore } = this.#options
    emit({ type: 'connecting', host: host.name })
    const started = performance.now()
    const session = await Session.open(host, {
      connect: () => connect(host, { signal }),
      signal,
      resumed: (why) => emit({ type: 'note', host: host.name, text: `connected again: ${why.message}` }),
    })
    emit({ type: 'connected', host: host.name, ms: performance.now() - started })
    await factsStore?.write(host.name, session.facts)
    return session
  }
}
