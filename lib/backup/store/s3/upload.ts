import { createHash, randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { PutOptions, Written } from '../store.ts'
import { chunksOf } from '../whole.ts'
import type { Bucket } from './bucket.ts'
import { codeOf } from './error.ts'
import { checksumOf, fieldsOf } from './fields.ts'
import { isOurs, refuseTaken } from './head.ts'
import { Parts } from './parts.ts'
import { pieces } from './pieces.ts'

/** Puts a body: in one request where it fits in one part, else in parts of which some are under way at once. */
export async function upload(
  bucket: Bucket,
  key: string,
  body: Readable | Uint8Array,
  options: PutOptions,
): Promise<Written> {
  const stop = new AbortController()
  const follow = () => stop.abort()
  if (options.signal?.aborted) stop.abort()
  options.signal?.addEventListener('abort', follow, { once: true })
  const hash = createHash('sha256')
  let size = 0
  let parts: Parts | undefined
  try {
    const chunks = chunksOf(body, `${bucket.name}: cannot put ${key}`, stop.signal)
    const source = pieces(chunks, bucket.spare)
    for await (const piece of source) {
      hash.update(piece.bytes)
      size += piece.bytes.length
      if (piece.number === 1 && piece.last) {
        await putWhole(bucket, key, piece.bytes, options.absent === true, stop.signal)
        piece.free()
      } else {
        if (parts === undefined) {
          parts = await Parts.begin(bucket, key, options.absent === true, stop)
          bucket.uploads += 1
        }
        await parts.send(piece)
      }
    }
    await parts?.finish(size)
    return { size, sha256: hash.digest('hex') }
  } catch (error) {
    // What ends the other parts then is no failure of theirs.
    const failure = parts?.failure
    await parts?.drop()
    throw failure ?? error
  } finally {
    if (parts !== undefined) bucket.uploads -= 1
    options.signal?.removeEventListener('abort', follow)
  }
}

/** One request. Where it says that the key is taken, and an answer was lost before, it may have been ours. */
async function putWhole(
  bucket: Bucket,
  key: string,
  bytes: Uint8Array,
  absent: boolean,
  signal: AbortSignal,
): Promise<void> {
  // RGW 18 knows no condition where the bucket keeps versions.
  if (absent) await refuseTaken(bucket, key, signal)
  const mark = randomUUID()
  const command = {
    ...bucket.at(key),
    ...fieldsOf(bucket.settings, mark),
    ...checksumOf(bucket.settings, bytes),
    ...(absent ? { IfNoneMatch: '*' } : {}),
    Body: bytes,
  }
  await bucket.ask(
    `put ${key}`,
    async (options, failed) => {
      try {
        await bucket.client.send(new bucket.sdk.PutObjectCommand(command), options)
      } catch (error) {
        if (failed > 0 && codeOf(error) === 'PreconditionFailed' && (await isOurs(bucket, key, mark, signal)))
          return
        throw error
      }
    },
    signal,
  )
}
