import type { Secret } from '../secret/index.ts'
import type { Connection, Target } from './connection.ts'
import type { Ask } from './key-file.ts'
import { endLeft, inWords, type Left } from './left.ts'
import type { SshConnections } from './ssh-connections.ts'

/** What a run decides for all of its connections. */
export interface ConnectorOptions {
  /** what sudo or su gets where the target has no password of its own */
  readonly becomePassword?: Secret | undefined
  /** asks a person for the passphrase of a key; without it nobody is asked */
  readonly ask?: Ask | undefined
  /** accept the keys of hosts of which none is known, and add them to their known_hosts file */
  readonly acceptNewHostKeys?: boolean
  /** told what a person should know: a host key that was accepted, what a lost connection had left running */
  readonly say?: (text: string, host?: string) => void
}

/** Opens the connections of one run, which share jump hosts, keys and what ssh_config says. */
export class Connector {
  readonly #options: ConnectorOptions
  /** by host: what was opened, since one that was lost may have left something running there */
  readonly #opened = new Map<string, readonly Connection[]>()
  readonly #told = new Set<Left>()
  #ssh: Promise<SshConnections> | undefined

  constructor(options: ConnectorOptions = {}) {
    this.#options = options
  }

  /**
   * Opens a connection to a host, as the inventory describes it. What an earlier one left running there when it was
   * lost is waited for first, so that nobody works beside it. Throws a ConnectionError with a hint.
   */
  async open(given: Target, { signal }: { signal?: AbortSignal } = {}): Promise<Connection> {
    const target = { ...given, becomePassword: given.becomePassword ?? this.#options.becomePassword }
    const say = (text: string) => this.#options.say?.(text, target.name)
    const lefts = (this.#opened.get(target.name) ?? []).flatMap(({ left }) => left ?? [])
    // Told before it is known whether the host can be had again: else nobody would learn of it.
    for (const left of lefts.filter((each) => !this.#told.has(each))) {
      say(`the connection was lost in the middle of ${inWords(left)}, which may run on there`)
      this.#told.add(left)
    }
    const connection = await this.#connect(target, signal)
    for (const left of lefts) {
      await endLeft(connection, left, { say, signal }).catch(async (error: unknown) => {
        await connection.close()
        throw error
      })
    }
    const others = (this.#opened.get(target.name) ?? []).filter(({ left }) => !left || !lefts.includes(left))
    this.#opened.set(target.name, [...others, connection])
    return connection
  }

  async #connect(target: Target, signal: AbortSignal | undefined): Promise<Connection> {
    // Loaded when needed: ssh2 takes 40 ms that a local run can do without.
    if (target.connection === 'local')
      return (await import('./local.ts')).openLocal(target, signal === undefined ? {} : { signal })
    if (target.connection === 'docker') return (await import('./docker.ts')).openDocker(target, signal)
    this.#ssh ??= import('./ssh-connections.ts').then(
      ({ SshConnections }) => new SshConnections(this.#options),
    )
    return (await this.#ssh).open(target, signal)
  }
}
