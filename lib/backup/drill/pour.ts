import { pipeline } from 'node:stream/promises'
import type { Connection } from '../../connection/index.ts'
import { QuaysideError } from '../../error.ts'
import type { Script } from '../../script/index.ts'
import type { Keys } from '../../secret/age/key.ts'
import type { ObjectEntry } from '../manifest.ts'
import { openSealed } from '../sealed.ts'
import type { Store } from '../store/store.ts'
import { textOf } from './on-host.ts'

/** Where objects come from, and what opens them. */
export interface Source {
  readonly store: Store
  /** of the backup */
  readonly folder: string
  readonly keys: Keys
  readonly signal: AbortSignal
}

/**
 * Sends what an object holds to a script on a host: decrypted here, so that no key leaves this process, and still
 * compressed, which the script undoes. Gives what the script prints. Whatever is wrong with the object is thrown before what the
 * script made of it.
 */
export async function pour(
  source: Source,
  entry: ObjectEntry,
  connection: Connection,
  script: Script,
  title: string,
): Promise<string> {
  const { store, folder, keys, signal } = source
  const body = await openSealed(store, folder, entry, keys, signal)
  const running = await connection.start(script, { title, signal }).catch((error) => {
    body.destroy()
    throw error
  })
  const printed = textOf(running.output())
  printed.catch(() => body.destroy()) // nobody reads any more
  try {
    await pipeline(body, running.stdin)
  } catch (error) {
    if (!(error instanceof QuaysideError)) await printed // the script went first: how it ended tells more
    await running.kill()
    await printed.catch(() => {})
    throw error
  }
  return await printed
}
