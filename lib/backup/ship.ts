import { Transform } from 'node:stream'
import type { Host } from '../inventory/inventory.ts'
import { piped, type Script } from '../script/index.ts'
import { amount } from './amount.ts'
import type { ObjectEntry } from './manifest.ts'
import type { Place } from './place.ts'
import { encrypting, putSealed, sealing } from './sealed.ts'

const tellMs = 30_000

/** Where the objects of one backup go, and who can open them. */
export interface Shipping {
  readonly place: Place
  /** layout.backup(env, id) */
  readonly folder: string
  readonly recipients: readonly string[]
  /** aborted with the run, or when another part of the backup has failed */
  readonly signal: AbortSignal
}

/** What a host prints, and the object that it becomes. */
export interface Cargo {
  readonly host: Host
  /** "database app": stands in errors and in what is told */
  readonly title: string
  /** below the backup's folder */
  readonly key: string
  readonly script: Script
  /** it prints what is compressed already */
  readonly packed?: boolean
}

/** An object that was shipped, and what its script had to say beside it. */
export interface Shipped {
  readonly object: ObjectEntry
  readonly said: string
}

/**
 * Compressed and encrypted on the host, streamed through here to the store: nothing is spooled, and nothing readable
 * leaves the host. An object is stored only when every part of the pipe has ended well; else all of it is ended.
 */
export async function ship(
  shipping: Shipping,
  { host, title, key, script, packed = false }: Cargo,
): Promise<Shipped> {
  const { place, folder, recipients, signal } = shipping
  const started = performance.now()
  const connection = await place.connection(host)
  const sealed = packed ? [encrypting(recipients)] : sealing(recipients)
  const running = await connection.start(piped(script, ...sealed), { title, signal })
  running.stdin.on('error', () => {}).end()
  let bytes = 0
  const counted = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length
      done(null, chunk)
    },
  })
  const output = running.output()
  output.on('error', (error) => counted.destroy(error)).pipe(counted)
  const telling = setInterval(
    () => place.emit({ type: 'note', host: host.name, text: `${title}: ${amount(bytes)} so far` }),
    tellMs,
  )
  try {
    const object = await putSealed(place.store, folder, key, counted, signal)
    const { stderr } = await running.ended
    const ms = performance.now() - started
    place.emit({ type: 'step', text: `${title}: ${amount(object.size)}`, ms })
    return { object: { ...object, ms: Math.round(ms) }, said: stderr.trim() }
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    clearInterval(telling)
    output.destroy()
    counted.destroy()
    await running.kill()
  }
}
