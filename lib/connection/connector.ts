import type { Secret } from '../secret/index.ts'
import type { Connection, Target } from './connection.ts'
import type { Ask } from './key-file.ts'
import type { SshConnections } from './ssh-connections.ts'

/** What a run decides for all of its connections. */
export interface ConnectorOptions {
  /** what sudo gets where the target has no password of its own */
  readonly becomePassword?: Secret | undefined
  /** asks a person for the passphrase of a key; without it nobody is asked */
  readonly ask?: Ask | undefined
  /** accept the keys of hosts of which none is known, and add them to their known_hosts file */
  readonly acceptNewHostKeys?: boolean
  /** told what a person should know: a host key that was accepted */
  readonly say?: (text: string, host?: string) => void
}

/** Opens the connections of one run, which share jump hosts, keys and what ssh_config says. */
export class Connector {
  readonly #options: ConnectorOptions
  #ssh: Promise<SshConnections> | undefined

  constructor(options: ConnectorOptions = {}) {
    this.#options = options
  }

  /** Opens a connection to a host, as the inventory describes it. Throws a ConnectionError with a hint. */
  async open(given: Target, { signal }: { signal?: AbortSignal } = {}): Promise<Connection> {
    const target = { ...given, becomePassword: given.becomePassword ?? this.#options.becomePassword }
    // Loaded when needed: ssh2 takes 40 ms that a local run can do without.
    if (target.connection === 'local')
      return (await import('./local.ts')).openLocal(target, signal === undefined ? {} : { signal })
    this.#ssh ??= import('./ssh-connections.ts').then(
      ({ SshConnections }) => new SshConnections(this.#options),
    )
    return (await this.#ssh).open(target, signal)
  }
}
