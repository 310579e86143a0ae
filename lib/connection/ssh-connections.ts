import type { Shared } from './attempt.ts'
import type { Connection, Target } from './connection.ts'
import type { ConnectorOptions } from './connector.ts'
import { Jumps } from './jumps.ts'
import { KeyFiles } from './key-file.ts'
import { type Settled, settle } from './settled.ts'
import { openSsh } from './ssh.ts'
import { SshConfigs } from './ssh-config.ts'

/** The connections of a run that go by SSH. */
export class SshConnections {
  readonly #shared: Shared
  readonly #configs: SshConfigs
  readonly #jumps: Jumps
  readonly #say: (text: string) => void
  #agentMissed = false

  constructor({ ask, acceptNewHostKeys, say = () => {} }: ConnectorOptions) {
    this.#shared = { keys: new KeyFiles(ask), accepted: acceptNewHostKeys === true ? say : undefined }
    this.#say = say
    this.#configs = new SshConfigs(say)
    this.#jumps = new Jumps((target) => this.#settle(target), this.#shared)
  }

  async open(target: Target, signal: AbortSignal | undefined): Promise<Connection> {
    return openSsh(await this.#settle(target), this.#jumps, this.#shared, signal)
  }

  async #settle(target: Target): Promise<Settled> {
    const settled = settle(target, await this.#configs.of(target))
    if (target.forwardAgent === true && settled.agentSocket === undefined && !this.#agentMissed) {
      this.#agentMissed = true
      this.#say(
        'forward_agent has nothing to forward: no ssh-agent runs here, or SSH_AUTH_SOCK does not say where',
      )
    }
    return settled
  }
}
