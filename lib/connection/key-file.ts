import { readFile, stat } from 'node:fs/promises'
import ssh2, { type ParsedKey } from 'ssh2'
import { messageOf } from '../error.ts'
import type { Secret } from '../secret/index.ts'

/** Asks a person for what must not be seen. Several questions take turns. */
export type Ask = (question: string) => Promise<Secret>

export type Unusable = 'missing' | 'unreadable' | 'encrypted' | 'readable by others' | 'no private key'

const tries = 3

/** The private keys of a run: each file is read once, and each passphrase asked for once. */
export class KeyFiles {
  readonly #ask: Ask | undefined
  readonly #read = new Map<string, Promise<ParsedKey | Unusable>>()
  readonly #unlocked = new Map<string, Promise<ParsedKey | Unusable>>()

  constructor(ask: Ask | undefined) {
    this.#ask = ask
  }

  /** A private key, or why it cannot be used. As ssh does, a key of ours that others may read is refused. */
  read(path: string): Promise<ParsedKey | Unusable> {
    return remembered(this.#read, path, () => readKey(path))
  }

  /** The same of an encrypted key, where a person can be asked for its passphrase: up to three times. */
  unlock(path: string): Promise<ParsedKey | Unusable> {
    return remembered(this.#unlocked, path, async () => {
      for (let tried = 0; this.#ask !== undefined && tried < tries; tried += 1) {
        const question = `${tried === 0 ? '' : 'that is not it; '}passphrase of ${path}: `
        const key = await readKey(path, await this.#ask(question))
        if (key !== 'encrypted') return key
      }
      return 'encrypted'
    })
  }
}

async function readKey(path: string, passphrase?: Secret): Promise<ParsedKey | Unusable> {
  try {
    const { mode, uid } = await stat(path)
    if (uid === process.getuid?.() && (mode & 0o077) !== 0) return 'readable by others'
    const parsed: ParsedKey | readonly ParsedKey[] | Error = ssh2.utils.parseKey(
      await readFile(path),
      passphrase?.reveal(),
    )
    if (parsed instanceof Error)
      return /encrypted|passphrase|decrypt|integrity/i.test(messageOf(parsed))
        ? 'encrypted'
        : 'no private key'
    const key = Array.isArray(parsed) ? parsed[0] : parsed
    return key?.isPrivateKey() ? key : 'no private key'
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'missing' : 'unreadable'
  }
}

function remembered<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const value = known.get(key) ?? make()
  known.set(key, value)
  return value
}
