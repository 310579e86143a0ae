import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { installed, run } from '../command.ts'
import { QuaysideError } from '../error.ts'
import { writeNewKey } from '../secret/age/key-file.ts'
import { type Access, ensureState, state } from './state.ts'

/** Makes a lab's key pair once; returns its public half. */
export async function ensureKey({ directory, key, publicKey }: Access): Promise<string> {
  if (!(await installed('ssh-keygen'))) {
    throw new QuaysideError('this machine lacks ssh-keygen', { hint: 'install openssh-client' })
  }
  if (!existsSync(key)) {
    await ensureState(directory)
    await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'quayside-lab', '-f', key])
  }
  return readFile(publicKey, 'utf8')
}

/** Makes the lab's age key once: backups of the lab are encrypted to it. */
export async function ensureAgeKey(): Promise<void> {
  if (existsSync(state.ageKey)) return
  const draft = `${state.ageKey}.${process.pid}`
  await writeNewKey(draft)
  await rename(draft, state.ageKey)
}

/** One host's keys as read from the host itself, and the port on 127.0.0.1 that ssh reaches it by. */
export interface HostKeys {
  readonly port: number
  readonly keys: readonly string[]
}

/** The text of a known_hosts file for these hosts. */
export function knownHosts(hosts: readonly HostKeys[]): string {
  return hosts
    .flatMap(({ port, keys }) =>
      keys.map((key) => `[127.0.0.1]:${port} ${key.split(' ').slice(0, 2).join(' ')}\n`),
    )
    .join('')
}

/** Replaces a lab's known_hosts in one step, for whoever reads it meanwhile. */
export async function writeKnownHosts(hosts: readonly HostKeys[], path: string): Promise<void> {
  const next = `${path}.${process.pid}`
  await writeFile(next, knownHosts(hosts), { mode: 0o600 })
  await rename(next, path)
}
