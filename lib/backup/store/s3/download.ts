import { Readable } from 'node:stream'
import { StoreError } from '../store.ts'
import { stoppable } from '../whole.ts'
import type { Bucket } from './bucket.ts'
import { codeOf, fromS3, statusOf } from './error.ts'
import { wait } from './patience.ts'

/** An answer that is being read. */
interface Answer {
  readonly body: Readable
  /** bytes from where it begins to the object's end */
  readonly left: number
  readonly etag: string | undefined
}

/**
 * An object as a stream. A connection that breaks is followed by another one for what is missing, of the same object
 * (If-Match), for as long as some bytes come each time or patience lasts.
 */
export async function download(bucket: Bucket, key: string, signal?: AbortSignal): Promise<Readable> {
  const doing = `get ${key}`
  const first = await ask(bucket, key, undefined, signal)
  const { left: size, etag } = first
  let current = first
  async function* all(): AsyncGenerator<Buffer> {
    let had = 0
    for (let failed = 0; ; ) {
      const before = had
      let broken: unknown
      try {
        for await (const chunk of current.body as AsyncIterable<Buffer>) {
          had += chunk.length
          yield chunk
        }
      } catch (error) {
        broken = error
      }
      if (had === size) return
      failed = had > before ? 1 : failed + 1
      const why = broken === undefined ? '' : `: ${fromS3(broken, 'last').message}`
      const short = `${bucket.name}: cannot ${doing}: only ${had} of ${size} bytes came${why}`
      if (had > size || failed >= bucket.patience.attempts) throw new StoreError(short, { reason: 'cut' })
      await wait(failed, bucket.patience, signal)
      try {
        current = await ask(bucket, key, { etag, at: had }, signal)
      } catch (error) {
        if (!(error instanceof StoreError) || !['failed', 'unreachable'].includes(error.reason)) throw error
        throw new StoreError(short, {
          reason: 'cut',
          ...(error.hint === undefined ? {} : { hint: error.hint }),
        })
      }
      if (current.left === size - had) continue
      current.body.destroy()
      throw new StoreError(
        `${bucket.name}: cannot ${doing}: the server gives another part than was asked for`,
        {
          reason: 'failed',
        },
      )
    }
  }
  const stream = Readable.from(all(), { objectMode: false, highWaterMark: 1 << 20 })
  // A generator that was never asked cannot end the answer.
  stream.once('close', () => current.body.destroy())
  return stoppable(stream, `${bucket.name}: cannot ${doing}`, signal)
}

/** Asks for an object, or for what of it begins at a byte. */
async function ask(
  bucket: Bucket,
  key: string,
  from: { readonly etag: string | undefined; readonly at: number } | undefined,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const { client, sdk } = bucket
  const rest = from === undefined ? {} : { Range: `bytes=${from.at}-`, IfMatch: from.etag }
  const command = { ...bucket.at(key), ...rest }
  return bucket.ask(
    `get ${key}`,
    async (options) => {
      try {
        const found = await client.send(new sdk.GetObjectCommand(command), options)
        if (!(found.Body instanceof Readable)) throw new Error('it has no content')
        return { body: found.Body, left: found.ContentLength ?? 0, etag: found.ETag }
      } catch (error) {
        if (from !== undefined && (statusOf(error) === 416 || codeOf(error) === 'PreconditionFailed'))
          throw new StoreError(`${bucket.name}: cannot get ${key}: it was changed while it was read`, {
            reason: 'cut',
            hint: 'no other run may write there: try again',
          })
        throw error
      }
    },
    signal,
  )
}
