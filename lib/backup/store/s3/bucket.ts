import type { S3Client } from '@aws-sdk/client-s3'
import type { S3Settings } from '../../settings.ts'
import { checkedKey, checkedPrefix } from '../key.ts'
import { StoreError } from '../store.ts'
import { fromS3, passes, statusOf, unmet, wordless } from './error.ts'
import { type Patience, wait } from './patience.ts'

/** The SDK, loaded when a bucket is. */
export type Sdk = typeof import('@aws-sdk/client-s3')

/** One attempt at something: it is to hand the signal on to the request. */
export type Attempt<T> = (options: { abortSignal?: AbortSignal }, failed: number) => Promise<T>

/** Hears a line for people. */
export type Tell = (text: string) => void

/** A bucket, and the folder in it that is ours: the requests of a store are sent through here, and again where that may help. */
export class Bucket {
  readonly sdk: Sdk
  readonly client: S3Client
  readonly settings: S3Settings
  readonly patience: Patience
  /** "s3://bucket/prefix at http://127.0.0.1:5078" */
  readonly name: string
  /** uploads in parts that are under way */
  uploads = 0
  /** memory of parts that were sent, for the next ones of any upload */
  readonly spare: Buffer[] = []
  readonly #tell: Tell
  /** when it was last told that something is tried again */
  #said = Number.NEGATIVE_INFINITY
  /** has ever answered: what cannot be reached from the start is an address that is wrong, and is said soon */
  #met = false
  /** has ever done as it was asked: the bucket is there */
  #served = false

  constructor(
    sdk: Sdk,
    client: S3Client,
    settings: S3Settings,
    { patience, tell }: { readonly patience: Patience; readonly tell: Tell },
  ) {
    this.sdk = sdk
    this.client = client
    this.settings = settings
    this.patience = patience
    this.#tell = tell
    const { bucket, prefix, endpoint } = settings
    this.name = `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}${endpoint === undefined ? '' : ` at ${endpoint}`}`
  }

  /** The same bucket, asked in another way. */
  with(settings: Partial<S3Settings>): Bucket {
    const both = { patience: this.patience, tell: this.#tell }
    return new Bucket(this.sdk, this.client, { ...this.settings, ...settings }, both)
  }

  /** The words of every request about a key. */
  at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.settings.bucket, Key: this.#ours(checkedKey(key)) }
  }

  below(prefix: string): { Bucket: string; Prefix: string } {
    return { Bucket: this.settings.bucket, Prefix: this.#ours(checkedPrefix(prefix)) }
  }

  /** The store's key of a bucket's. */
  ownKey(key: string): string {
    return key.slice(this.#ours('').length)
  }

  #ours(key: string): string {
    const { prefix } = this.settings
    return prefix === '' ? key : `${prefix}/${key}`
  }

  /** Does something until it works, is refused for good, or patience is at an end: then throws a StoreError. */
  async ask<T>(doing: string, attempt: Attempt<T>, signal?: AbortSignal): Promise<T> {
    const began = performance.now()
    for (let failed = 0; ; ) {
      try {
        signal?.throwIfAborted()
        const answer = await attempt(signal === undefined ? {} : { abortSignal: signal }, failed)
        this.#met = true
        this.#served = true
        return answer
      } catch (error) {
        if (signal?.aborted) throw this.interrupted(doing)
        failed += 1
        if (!unmet(error)) this.#met = true
        const most = this.#met ? this.patience.attempts : Math.min(3, this.patience.attempts)
        if (!passes(error) || failed >= most) throw await this.#told(error, doing)
        this.#tellWaiting(error, doing, { began, attempt: `${failed} of ${most}` })
        await wait(failed, this.patience, signal).catch(() => {
          throw this.interrupted(doing)
        })
      }
    }
  }

  /** Many requests may wait for the same reason, which is told once. */
  #tellWaiting(error: unknown, doing: string, { began, attempt }: { began: number; attempt: string }): void {
    const now = performance.now()
    const { quiet } = this.patience
    if (now - began < quiet || now - this.#said < quiet) return
    this.#said = now
    const { message, hint } = fromS3(error, `${this.name}: cannot ${doing}`)
    this.#tell(`${message}; attempt ${attempt}, it is tried again${hint === undefined ? '' : `: ${hint}`}`)
  }

  /** `doing` is "put a/b" */
  interrupted(doing: string): StoreError {
    return new StoreError(`${this.name}: cannot ${doing}: interrupted`, { reason: 'interrupted' })
  }

  /** HEAD's answers have no words, so that a bucket which is not there looks like an object which is not. */
  async #told(error: unknown, doing: string): Promise<StoreError> {
    const told = fromS3(error, `${this.name}: cannot ${doing}`)
    const status = statusOf(error)
    if (!wordless(error) || !(status === 403 || (status === 404 && !this.#served))) return told
    const list = new this.sdk.ListObjectsV2Command({ ...this.below(''), MaxKeys: 1 })
    const better = await this.client.send(list).then(
      () => undefined,
      (worded: unknown) => fromS3(worded, `${this.name}: cannot ${doing}`),
    )
    if (better === undefined) this.#served = true
    return better ?? told
  }
}
