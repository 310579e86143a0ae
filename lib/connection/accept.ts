import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { keyType } from './known-hosts.ts'

/** Changes of known_hosts files, one at a time for each file: hosts connect side by side. */
const turns = new Map<string, Promise<unknown>>()

/**
 * Adds a host's key to a known_hosts file, as one line in one write; a file that is not there is made, and no one
 * else may read it. False when it stood there already. `judge` has the last word when it is this host's turn: it may throw, or find the key known by now.
 */
export function addKnownHost(
  file: string,
  name: string,
  key: Buffer,
  judge: () => Promise<'add' | 'known'>,
): Promise<boolean> {
  const turn = (turns.get(file) ?? Promise.resolve()).then(async () => {
    if ((await judge()) === 'known') return false
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    const before = await readFile(file).catch(() => Buffer.alloc(0))
    const newline = before.length === 0 || before.at(-1) === 10 ? '' : '\n'
    await appendFile(file, `${newline}${name} ${keyType(key)} ${key.toString('base64')}\n`, { mode: 0o600 })
    return true
  })
  turns.set(
    file,
    turn.catch(() => undefined),
  )
  return turn
}
