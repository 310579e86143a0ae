import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ssh2, { type ParsedKey } from 'ssh2'

/** The keys of one test file, in its folder. */
export interface Keys {
  file(name: string): string
  make(name: string, type?: string, passphrase?: string): void
  /** the public half, as ssh2 has it */
  parsed(name: string): ParsedKey
  /** a line of known_hosts for this machine */
  known(name: string, port: number, host?: string): string
}

export function keysIn(folder: string): Keys {
  const file = (name: string) => join(folder, name)
  return {
    file,
    make(name, type = 'ed25519', passphrase = '') {
      execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', '', '-f', file(name)])
    },
    parsed(name) {
      const key: ParsedKey | Error = ssh2.utils.parseKey(readFileSync(file(`${name}.pub`)))
      if (key instanceof Error) throw key
      return key
    },
    known(name, port, host = '127.0.0.1') {
      return `[${host}]:${port} ${readFileSync(file(`${name}.pub`), 'utf8')}`
    },
  }
}
