import { randomUUID } from 'node:crypto'
import type { CompletedPart } from '@aws-sdk/client-s3'
import { StoreError } from '../store.ts'
import type { Bucket } from './bucket.ts'
import { codeOf } from './error.ts'
import { checksumOf, fieldsOf } from './fields.ts'
import { headOf, isOurs, refuseTaken } from './head.ts'
import { lanes, mostParts } from './part-size.ts'
import type { Piece } from './pieces.ts'

/** An upload in parts. `stop` ends all of it: the first part that fails for good aborts it. */
export class Parts {
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
    // An upload that was begun and not heard of would be nobody's to abort: its answer is waited for a little.
    const patient = { abortSignal: after(stop.signal, 5_000) }
    const { UploadId: id } = await bucket.ask(
      `begin to put ${key}`,
      () => bucket.client.send(new bucket.sdk.CreateMultipartUploadCommand(command), patient),
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
    while (this.#running.size >= lanes(piece.bytes.length, this.#bucket.uploads))
      await Promise.race(this.#running)
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
    if (this.#bucket.settings.lock_days !== undefined) await this.#lock()
  }

  /** RGW 18 takes a lock when an upload begins, and forgets it. */
  async #lock(): Promise<void> {
    const found = await headOf(this.#bucket, this.#key, this.#stop.signal)
    if (found === undefined || found.ObjectLockRetainUntilDate !== undefined) return
    const { client, sdk, settings } = this.#bucket
    const { ObjectLockMode: Mode, ObjectLockRetainUntilDate: RetainUntilDate } = fieldsOf(
      settings,
      this.#mark,
    )
    const command = { ...this.#bucket.at(this.#key), Retention: { Mode, RetainUntilDate } }
    await this.#bucket.ask(
      `lock ${this.#key}`,
      (options) => client.send(new sdk.PutObjectRetentionCommand(command), options),
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

/** A signal that is aborted some milliseconds after another one. */
function after(signal: AbortSignal, milliseconds: number): AbortSignal {
  const late = new AbortController()
  signal.addEventListener('abort', () => setTimeout(() => late.abort(), milliseconds).unref(), { once: true })
  return late.signal
}
