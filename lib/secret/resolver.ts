import { join } from 'node:path'
import { generated } from './generate.ts'
import { localCa, type ServerIdentity } from './local-ca.ts'
import { type PrivateIdentities, privateCa } from './private-ca.ts'
import { fromCommand, fromEnvironment, fromFile, withoutLastNewline } from './read.ts'
import { Secret } from './secret.ts'
import type { OuterSource } from './source.ts'

/** What sources need to know. */
export interface SourceContext {
  readonly env: string
  /** the folder in which from_command runs */
  readonly dir: string
  /** where generated secrets and the local CA are kept: stateDir(env) */
  readonly state: string
  /** absolute path from one in the inventory */
  path(given: string): string
  /** the names of the local CA's one server certificate */
  readonly serverNames: readonly string[]
}

/** Gets secrets from their sources, each distinct source once, one after the other. */
export class Resolver {
  readonly #context: SourceContext
  readonly #known = new Map<string, Promise<Secret>>()
  #identity: Promise<ServerIdentity> | undefined
  #identities: Promise<PrivateIdentities> | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(context: SourceContext) {
    this.#context = context
  }

  /** Throws a SecretError when the source has none to give. */
  resolve(source: OuterSource): Promise<Secret> {
    const key = JSON.stringify(source)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    // A password manager that asks the person for leave must not ask ten times at once.
    const value = this.#last
      .then(() => this.#read(source))
      .then((text) => new Secret(withoutLastNewline(text)))
    this.#last = value.catch(() => undefined)
    this.#known.set(key, value)
    return value
  }

  async #read(source: OuterSource): Promise<string> {
    const context = this.#context
    if ('from_env' in source) return fromEnvironment(source.from_env)
    if ('from_file' in source) return fromFile(context.path(source.from_file))
    if ('from_command' in source) return fromCommand(source.from_command, context.dir)
    if ('generate' in source) return generated(source.generate, join(context.state, 'secrets'))
    if ('private_ca' in source) {
      this.#identities ??= privateCa({ folder: join(context.state, 'private-ca'), env: context.env })
      return (await this.#identities)[source.private_ca]
    }
    this.#identity ??= localCa({
      folder: join(context.state, 'ca'),
      env: context.env,
      names: context.serverNames,
    })
    return (await this.#identity)[source.local_ca]
  }
}
