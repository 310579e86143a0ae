import { createHash, randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { CompletedPart } from '@aws-sdk/client-s3'
import { type PutOptions, StoreError, type Written } from '../store.ts'
import { chunksOf } from '../whole.ts'
import type { Bucket } from './bucket.ts'
import { codeOf } from './error.ts'
import { checksumOf, fieldsOf } from './fields.ts'
import { lanes, mostParts } from './part-size.ts'
import { type Piece, pieces } from './pieces.ts'

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
    const source = pieces(chunksOf(body, `${bucket.name}: cannot put ${key}`, stop.signal))
    for await (const piece of source) {
      hash.update(piece.bytes)
      size += piece.bytes.length
      if (piece.number === 1 && piece.last) {
        await putWhole(bucket, key, piece.bytes, options.absent === true, stop.signal)
        piece.free()
      } else {
        parts ??= await Parts.begin(bucket, key, options.absent === true, stop)
        await parts.send(piece)
      }
    }
    await parts?.finish(size)
    return { size, sha256: hash.digest('hex') }
  } catch (error) {
    await parts?.drop()
    throw parts?.failure ?? error
  } finally {
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

/** An upload in parts. `stop` ends all of it: the first part that fails for good aborts it. */
class Parts {
  readonly #bucket: Bucket
  readonly #key: string
  readonly #absent: boolean
  readonly #stop: AbortController
  readonly #id: string
  readonly #mark: string
  readonly #running = new Set<Promise<void>>()
  readonly #done: CompletedPart[] = []
  failure: unknown

  private constructor(
    bucket: Bucket,
    key: string,
    absent: boolean,
    stop: AbortController,
    begun: { id: string; mark: string },
  ) {
    this.#bucket = bucket
    this.#key = key
    this.#absent = absent
    this.#stop = stop
    this.#id = begun.id
    this.#mark = begun.mark
  }

  static async begin(bucket: Bucket, key: string, absent: boolean, stop: AbortController): Promise<Parts> {
    if (absent) await refuseTaken(bucket, key, stop.signal)
    const mark = randomUUID()
    const checksum = bucket.settings.endpoint === undefined ? { ChecksumAlgorithm: 'SHA256' as const } : {}
    const command = { ...bucket.at(key), ...fieldsOf(bucket.settings, mark), ...checksum }
    const { UploadId: id } = await bucket.ask(
      `begin to put ${key}`,
      (options) => bucket.client.send(new bucket.sdk.CreateMultipartUploadCommand(command), options),
      stop.signal,
    )
    if (id === undefined)
      throw new StoreError(`${bucket.name}: cannot put ${key}: the server began no upload`, {
        reason: 'failed',
      })
    return new Parts(bucket, key, absent, stop, { id, mark })
  }

  /** Sends a piece as a part, and comes back when the next one may be filled. */
  async send(piece: Piece): Promise<void> {
    if (piece.number > mostParts)
      throw new StoreError(`${this.#bucket.name}: ${this.#key} is larger than ${mostParts} parts hold`, {
        reason: 'full',
        hint: 'split it: a volume or a database less in one backup',
      })
    const task: Promise<void> = this.#part(piece)
      .catch((error: unknown) => {
        this.failure ??= error
        this.#stop.abort()
      })
      .finally(() => {
        piece.free()
        this.#running.delete(task)
      })
    this.#running.add(task)
    while (this.#running.size >= lanes(piece.bytes.length)) await Promise.race(this.#running)
    if (this.failure !== undefined) throw this.failure
  }

  async #part(piece: Piece): Promise<void> {
    const { client, sdk, settings } = this.#bucket
    const checksum = checksumOf(settings, piece.bytes)
    const command = {
      ...this.#bucket.at(this.#key),
      ...checksum,
      UploadId: this.#id,
      PartNumber: piece.number,
      Body: piece.bytes,
    }
    const { ETag } = await this.#bucket.ask(
      `put part ${piece.number} of ${this.#key}`,
      (options) => client.send(new sdk.UploadPartCommand(command), options),
      this.#stop.signal,
    )
    this.#done.push({
      PartNumber: piece.number,
      ETag,
      ...('ChecksumSHA256' in checksum ? { ChecksumSHA256: checksum.ChecksumSHA256 } : {}),
    })
  }

  /** Makes one object of the parts. */
  async finish(size: number): Promise<void> {
    await Promise.all(this.#running)
    if (this.failure !== undefined) throw this.failure
    // RGW 18 knows no condition here: what came since the upload began would be overwritten.
    if (this.#absent) await refuseTaken(this.#bucket, this.#key, this.#stop.signal)
    const { client, sdk } = this.#bucket
    const command = {
      ...this.#bucket.at(this.#key),
      ...(this.#absent ? { IfNoneMatch: '*' } : {}),
      UploadId: this.#id,
      MultipartUpload: {
        Parts: [...this.#done].sort((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0)),
      },
    }
    await this.#bucket.ask(
      `finish ${this.#key}`,
      async (options, failed) => {
        try {
          await client.send(new sdk.CompleteMultipartUploadCommand(command), options)
        } catch (error) {
          const lost = failed > 0 && ['NoSuchUpload', 'PreconditionFailed'].includes(codeOf(error))
          if (lost && (await isOurs(this.#bucket, this.#key, this.#mark, this.#stop.signal, size))) return
          throw error
        }
      },
      this.#stop.signal,
    )
  }

  /** Throws the parts away. What cannot be thrown away now, `sweep` does later. */
  async drop(): Promise<void> {
    this.#stop.abort()
    // A part that arrives after the upload was aborted would stay.
    await Promise.all(this.#running)
    const { client, sdk } = this.#bucket
    const command = new sdk.AbortMultipartUploadCommand({ ...this.#bucket.at(this.#key), UploadId: this.#id })
    await this.#bucket
      .ask(`abort ${this.#key}`, (options) => client.send(command, options), AbortSignal.timeout(30_000))
      .catch(() => {})
  }
}

/** Throws where the key is taken. */
async function refuseTaken(bucket: Bucket, key: string, signal: AbortSignal): Promise<void> {
  if ((await headOf(bucket, key, signal)) !== undefined)
    throw new StoreError(`${bucket.name}: ${key} is there already`, {
      reason: 'exists',
      hint: 'another run may have put it',
    })
}

/** Whether the object that is there came from that put. */
async function isOurs(
  bucket: Bucket,
  key: string,
  mark: string,
  signal: AbortSignal,
  size?: number,
): Promise<boolean> {
  const found = await headOf(bucket, key, signal)
  return found?.Metadata?.['quayside-put'] === mark && (size === undefined || found.ContentLength === size)
}

/** What HEAD tells of an object; undefined where it is not there. */
export async function headOf(bucket: Bucket, key: string, signal?: AbortSignal) {
  try {
    return await bucket.ask(
      `look at ${key}`,
      (options) => bucket.client.send(new bucket.sdk.HeadObjectCommand(bucket.at(key)), options),
      signal,
    )
  } catch (error) {
    if (error instanceof StoreError && error.reason === 'missing') return undefined
    throw error
  }
}
