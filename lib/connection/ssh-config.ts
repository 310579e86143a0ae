import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { messageOf } from '../error.ts'
import type { Target } from './connection.ts'
import { ConnectionError } from './error.ts'
import { expandHome } from './path.ts'
import { ownSections, type Section, speaksOf } from './ssh-config-files.ts'

/** What ssh's configuration says of a host: each keyword in lower case with its values, as `ssh -G` prints them. */
export type SshConfig = ReadonlyMap<string, readonly string[]>

const nothing: SshConfig = new Map()
const run = promisify(execFile)

/** Asks OpenSSH's client what its configuration says of hosts: Match, Include and tokens are its own to judge. */
export class SshConfigs {
  readonly #say: (text: string) => void
  #sections: Promise<readonly Section[]> | undefined
  #missing = false

  constructor(say: (text: string) => void) {
    this.#say = say
  }

  /** Empty where the inventory turns it off, where no file speaks of the host, and where there is no ssh to ask. */
  async of(target: Target): Promise<SshConfig> {
    if (target.sshConfig === false || this.#missing) return nothing
    const file = target.sshConfig
    if (file === undefined) {
      this.#sections ??= ownSections()
      if (!speaksOf(await this.#sections, target.host)) return nothing
    }
    const { port, user, host } = target
    const argv = [
      ...(file === undefined ? [] : ['-F', expandHome(file)]),
      ...(port === undefined ? [] : ['-p', String(port)]),
      ...(user === undefined ? [] : ['-l', user]),
    ]
    try {
      const { stdout } = await run('ssh', ['-G', ...argv, '--', host], { timeout: 20_000 })
      return parse(stdout)
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return this.#without()
      const said =
        error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : messageOf(error)
      throw new ConnectionError(target.name, `ssh cannot make sense of its configuration: ${said}`, {
        reason: 'configuration',
        hint: `look at it with: ssh -G ${[...argv, host].join(' ')}; or turn it off with ssh_config: false in the inventory`,
        cause: error,
      })
    }
  }

  #without(): SshConfig {
    if (!this.#missing)
      this.#say('ssh_config is not read: OpenSSH is not installed here, and only its ssh knows how')
    this.#missing = true
    return nothing
  }
}

function parse(text: string): SshConfig {
  const config = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const at = line.indexOf(' ')
    if (at < 0) continue
    const name = line.slice(0, at).toLowerCase()
    const values = config.get(name) ?? []
    config.set(name, values)
    values.push(line.slice(at + 1))
  }
  return config
}
