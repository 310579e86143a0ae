import type { Secret } from '../secret/index.ts'
import type { Connection, Target } from './connection.ts'

/** What a run decides for all of its connections. */
export interface ConnectorOptions {
  /** what sudo gets where the target has no password of its own */
  readonly becomePassword?: Secret | undefined
}

/** Opens the connections of one run. */
export class Connector {
  readonly #options: ConnectorOptions

  constructor(options: ConnectorOptions = {}) {
    this.#options = options
  }

  /** Opens a connection to a host, as the inventory describes it. Throws a ConnectionError with a hint. */
  async open(given: Target, { signal }: { signal?: AbortSignal } = {}): Promise<Connection> {
    const target = { ...given, becomePassword: given.becomePassword ?? this.#options.becomePassword }
    const options = signal === undefined ? {} : { signal }
    // Loaded when needed: ssh2 takes 40 ms that a local run can do without.
    if (target.connection === 'local') return (await import('./local.ts')).openLocal(target, options)
    return (await import('./ssh.ts')).openSsh(target, options)
  }
}
