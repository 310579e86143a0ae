import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { QuaysideError } from '../error.ts'
import { type Script, sh } from '../script/script.ts'
import { NoKeyMatches, recipientOf } from '../secret/age/crypt.ts'
import type { Keys } from '../secret/age/key.ts'
import { named } from '../secret/age/recipients.ts'
import { SecretError } from '../secret/error.ts'
import { decrypted } from './age-stream.ts'
import type { ObjectEntry } from './manifest.ts'
import { type Store, StoreError } from './store/store.ts'
import { checked } from './store/whole.ts'

/** What the key of a sealed object ends with. */
export const ending = '.zst.age'

/** An object is there, and is not what was put. */
export class Damaged extends QuaysideError {
  readonly key: string
  /** how it was found out */
  readonly by: 'size' | 'sha256' | 'age'

  constructor(key: string, by: Damaged['by'], text: string, cause?: unknown) {
    super(`${key} is damaged: ${text}`, {
      hint: 'take another backup, or this one from the second store; backup.ts verify looks at all of its objects',
      cause,
    })
    this.key = key
    this.by = by
  }
}

/** Compresses a stream on a host; gives way to what that serves. */
export const compressing: Script = sh`nice -n 19 zstd -q -T0 -3`

/** Encrypts what is compressed to all the recipients (public keys); gives way, too. */
export function encrypting(recipients: readonly string[]): Script {
  if (recipients.length === 0) throw new TypeError('sealed to nobody')
  return sh`nice -n 19 age ${recipients.flatMap((each) => ['-r', each])}`
}

/** The commands that seal a stream on a host, for `piped`. */
export function sealing(recipients: readonly string[]): readonly Script[] {
  return [compressing, encrypting(recipients)]
}

/** Puts a stream that is sealed already; gives the manifest's entry of it. */
export async function putSealed(
  store: Store,
  folder: string,
  key: string,
  body: Readable,
  signal?: AbortSignal,
): Promise<ObjectEntry> {
  const began = performance.now()
  const { size, sha256 } = await store.put(`${folder}${key}`, body, signal === undefined ? {} : { signal })
  return { key, size, sha256, ms: Math.round(performance.now() - began) }
}

/**
 * An object decrypted here, still compressed: for `zstd -dq` on a host; the private key leaves this process never. Throws
 * at once where it is missing, has another size, or is encrypted to other keys. Errors, at the end at the latest, with
 * Damaged where its SHA-256 is not the entry's or age finds it changed.
 */
export async function openSealed(
  store: Store,
  folder: string,
  entry: ObjectEntry,
  keys: Keys,
  signal?: AbortSignal,
): Promise<Readable> {
  const key = `${folder}${entry.key}`
  const source = await wholeObject(store, folder, entry, signal)
  try {
    return await decrypted(source, keys, (text) => new Damaged(key, 'age', text))
  } catch (error) {
    if (!(error instanceof NoKeyMatches)) throw error
    const mine = await Promise.all(keys.identities.map(recipientOf))
    const list = mine.map((each) => named({ key: each, who: undefined })).join(', ')
    throw new SecretError(
      `your key ${list} from ${keys.origin} does not open ${key}`,
      "the manifest's recipients say which keys do: set one of them; backup.ts verify tells whether the object is damaged",
      error,
    )
  }
}

/** Reads an object again, all of it: its size, its SHA-256 and, with keys, that age opens it. Throws as openSealed's stream errors. */
export async function verifyStored(
  store: Store,
  folder: string,
  entry: ObjectEntry,
  keys?: Keys,
  signal?: AbortSignal,
): Promise<void> {
  const stream =
    keys === undefined
      ? await wholeObject(store, folder, entry, signal)
      : await openSealed(store, folder, entry, keys, signal)
  await finished(stream.resume())
}

/** The bytes of an object as they are stored, which error at their end unless they are the entry's. */
async function wholeObject(
  store: Store,
  folder: string,
  entry: ObjectEntry,
  signal: AbortSignal | undefined,
): Promise<Readable> {
  const key = `${folder}${entry.key}`
  const found = await store.stat(key)
  if (found === undefined)
    throw new StoreError(`${key} is not in ${store.name}`, {
      reason: 'missing',
      hint: 'it was removed after the backup was made: take another backup, or this one from the second store',
    })
  if (found.size !== entry.size)
    throw new Damaged(key, 'size', `it has ${found.size} bytes where ${entry.size} were put`)
  const stream = await store.get(key, signal === undefined ? {} : { signal })
  return checked(stream, ({ size, sha256 }) => {
    if (size !== entry.size) throw new Damaged(key, 'size', `${size} of ${entry.size} bytes came`)
    if (sha256 !== entry.sha256)
      throw new Damaged(key, 'sha256', `its SHA-256 is ${sha256} where ${entry.sha256} was put`)
  })
}
