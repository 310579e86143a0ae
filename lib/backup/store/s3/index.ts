import type { Readable } from 'node:stream'
import type { ListMultipartUploadsCommandOutput, ListObjectsV2CommandOutput } from '@aws-sdk/client-s3'
import type { S3Settings } from '../../settings.ts'
import {
  type PutOptions,
  type Store,
  type Stored,
  StoreError,
  type StoreFinding,
  type Written,
} from '../store.ts'
import type { Bucket, Tell } from './bucket.ts'
import { bucketOf } from './client.ts'
import { download } from './download.ts'
import { examineBucket, locks } from './examine.ts'
import { headOf } from './head.ts'
import type { Patience } from './patience.ts'
import { remove } from './remove.ts'
import { upload } from './upload.ts'

/** A bucket of an S3 server as a store; the SDK is loaded, and nothing sent yet. */
export async function s3Store(settings: S3Settings, manner: Manner = {}): Promise<Store> {
  return new S3Store(await bucketOf(settings, manner), { page: manner.page ?? 1_000 })
}

/** How a store goes about its server. */
export interface Manner {
  readonly patience?: Patience
  /** hears why it takes long, while it is tried again */
  readonly tell?: Tell
  /** how many keys are listed, or removed, by one request: 1,000 at most, and unless given */
  readonly page?: number
}

class S3Store implements Store {
  readonly #bucket: Bucket
  readonly #page: number
  #locks: Promise<boolean> | undefined

  /** `locks`: whether an object lock keeps anything from being removed, where that is known already */
  constructor(bucket: Bucket, { page, locks }: { page: number; locks?: boolean }) {
    this.#bucket = bucket
    this.#page = page
    this.#locks = locks === undefined ? undefined : Promise.resolve(locks)
  }

  get name(): string {
    return this.#bucket.name
  }

  async put(key: string, body: Readable | Uint8Array, options: PutOptions = {}): Promise<Written> {
    return upload(this.#bucket, key, body, options)
  }

  async get(key: string, options: { readonly signal?: AbortSignal } = {}): Promise<Readable> {
    return download(this.#bucket, key, options.signal)
  }

  async stat(key: string): Promise<Stored | undefined> {
    const found = await headOf(this.#bucket, key)
    if (found === undefined) return undefined
    return { key, size: found.ContentLength ?? 0, modified: found.LastModified ?? new Date(0) }
  }

  async *list(prefix: string): AsyncGenerator<Stored> {
    const { client, sdk } = this.#bucket
    const below = this.#bucket.below(prefix)
    for (let token: string | undefined; ; ) {
      const input = { ...below, MaxKeys: this.#page, ContinuationToken: token }
      const page: ListObjectsV2CommandOutput = await this.#bucket.ask(`list ${prefix}`, (options) =>
        client.send(new sdk.ListObjectsV2Command(input), options),
      )
      for (const { Key: key, Size: size, LastModified: modified } of page.Contents ?? [])
        if (key !== undefined && !key.endsWith('/'))
          yield { key: this.#bucket.ownKey(key), size: size ?? 0, modified: modified ?? new Date(0) }
      token = page.NextContinuationToken
      if (token === undefined) return
    }
  }

  async remove(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return
    this.#locks ??= locks(this.#bucket)
    await remove(this.#bucket, keys, { page: this.#page, locks: await this.#locks })
  }

  async sweep(prefix: string, before: Date): Promise<number> {
    const { client, sdk, settings } = this.#bucket
    let swept = 0
    for (let from: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {}; from !== undefined; ) {
      const input = { ...this.#bucket.below(prefix), MaxUploads: this.#page, ...from }
      const page: ListMultipartUploadsCommandOutput = await this.#bucket.ask(
        `list unfinished uploads below ${prefix}`,
        (options) => client.send(new sdk.ListMultipartUploadsCommand(input), options),
      )
      for (const { Key: key, UploadId: id, Initiated: begun } of page.Uploads ?? []) {
        if (key === undefined || id === undefined || begun === undefined || begun >= before) continue
        const abort = new sdk.AbortMultipartUploadCommand({ Bucket: settings.bucket, Key: key, UploadId: id })
        swept += await this.#bucket
          .ask(`abort ${this.#bucket.ownKey(key)}`, async (options) => {
            await client.send(abort, options)
            return 1
          })
          .catch((error: unknown) => {
            // Its own run has just ended it.
            if (error instanceof StoreError && /NoSuchUpload/.test(error.message)) return 0
            throw error
          })
      }
      const { NextKeyMarker: key, NextUploadIdMarker: id } = page
      from =
        page.IsTruncated && key !== undefined
          ? { KeyMarker: key, ...(id === undefined ? {} : { UploadIdMarker: id }) }
          : undefined
    }
    return swept
  }

  examine(): Promise<readonly StoreFinding[]> {
    return examineBucket(this.#bucket, (bucket) => new S3Store(bucket, { page: this.#page, locks: false }))
  }

  close(): void {
    this.#bucket.client.destroy()
  }
}
