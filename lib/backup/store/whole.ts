import { createHash } from 'node:crypto'
import { pipeline, type Readable, Transform } from 'node:stream'
import { StoreError } from './store.ts'

/**
 * The chunks of a body. It is destroyed where they are not all taken, and when the signal says so: at once, also where
 * the body itself does not come to an end. The body's own error is thrown as it is.
 */
export async function* chunksOf(
  body: Readable | Uint8Array,
  what: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const stopped = new StoreError(`${what}: interrupted`, { reason: 'interrupted' })
  if (body instanceof Uint8Array) {
    if (signal?.aborted) throw stopped
    yield body
    return
  }
  const iterator = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  // One listener for all chunks: a Promise.race with one promise would hold on to each of them.
  let fail: (error: Error) => void = () => {}
  const stop = () => fail(stopped)
  signal?.addEventListener('abort', stop, { once: true })
  try {
    for (;;) {
      if (signal?.aborted) throw stopped
      const next = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        fail = reject
        iterator.next().then(resolve, reject)
      })
      if (next.done) return
      yield next.value
    }
  } finally {
    signal?.removeEventListener('abort', stop)
    body.destroy()
  }
}

/** What has passed through. */
export interface Passed {
  /** bytes */
  readonly size: number
  /** in hex */
  readonly sha256: string
}

/** The same stream, which errors at its end with what `check` throws about all that has passed. */
export function checked(source: Readable, check: (passed: Passed) => void): Readable {
  const hash = createHash('sha256')
  let size = 0
  const through = new Transform({
    // Chunks as they are: a stream of bytes would copy what it has into one whenever it is read.
    readableObjectMode: true,
    readableHighWaterMark: 16,
    writableHighWaterMark: 1 << 20,
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      size += chunk.length
      done(null, chunk)
    },
    flush(done) {
      try {
        check({ size, sha256: hash.digest('hex') })
        done()
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)))
      }
    },
  })
  // The stream that is given away has the error; here is nobody to tell.
  pipeline(source, through, () => {})
  return through
}

/** The same stream, which errors at its end with `short` unless it had that many bytes. */
export function sized(source: Readable, size: number, short: (had: number) => Error): Readable {
  let had = 0
  const through = new Transform({
    readableHighWaterMark: 1 << 20,
    writableHighWaterMark: 1 << 20,
    transform(chunk: Buffer, _encoding, done) {
      had += chunk.length
      done(null, chunk)
    },
    flush: (done) => done(had === size ? null : short(had)),
  })
  pipeline(source, through, () => {})
  return through
}

/** The same stream, which errors as interrupted when the signal says so. */
export function stoppable(stream: Readable, what: string, signal: AbortSignal | undefined): Readable {
  if (signal === undefined) return stream
  const stopped = new StoreError(`${what}: interrupted`, { reason: 'interrupted' })
  if (signal.aborted) {
    stream.on('error', () => {}).destroy()
    throw stopped
  }
  const stop = () => stream.destroy(stopped)
  signal.addEventListener('abort', stop, { once: true })
  stream.once('close', () => signal.removeEventListener('abort', stop))
  return stream
}
