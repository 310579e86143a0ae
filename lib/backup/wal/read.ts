import { pipeline } from 'node:stream/promises'
import { NoKeyMatches } from '../../secret/age/crypt.ts'
import type { Keys } from '../../secret/age/key.ts'
import { SecretError } from '../../secret/error.ts'
import { decrypted } from '../age-stream.ts'
import { Damaged } from '../sealed.ts'
import type { Store } from '../store/index.ts'
import { type WalArchive, walKey } from './archive.ts'
import { parseHistory, type Switch } from './history.ts'
import { timelineOf } from './name.ts'

/** One file of the log, decrypted here; a segment is still compressed, and so a few megabytes. */
export async function readSealed(
  store: Store,
  key: string,
  keys: Keys,
  signal?: AbortSignal,
): Promise<Buffer> {
  const source = await store.get(key, signal === undefined ? {} : { signal })
  const opened = await decrypted(source, keys, (text) => new Damaged(key, 'age', text)).catch(
    (error: unknown) => {
      if (!(error instanceof NoKeyMatches)) throw error
      throw new SecretError(
        `your key from ${keys.origin} does not open ${key}`,
        'it is encrypted to the keys that backup_recipients named when it was archived: set one of them',
        error,
      )
    },
  )
  const chunks: Buffer[] = []
  await pipeline(opened, async (stream: AsyncIterable<Uint8Array>) => {
    for await (const chunk of stream) chunks.push(Buffer.from(chunk))
  })
  return Buffer.concat(chunks)
}

/** The histories of all timelines of an archive that have one: which they came from, and where they left it. */
export async function readHistories(
  store: Store,
  env: string,
  { system, files }: WalArchive,
  keys: Keys,
): Promise<ReadonlyMap<number, readonly Switch[]>> {
  const histories = new Map<number, readonly Switch[]>()
  for (const name of files.keys()) {
    const timeline = timelineOf(name)
    if (timeline === undefined) continue
    const bytes = await readSealed(store, walKey(env, system, name), keys)
    histories.set(timeline, parseHistory(bytes.toString('utf8')))
  }
  return histories
}
