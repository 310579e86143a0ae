import type { Readable } from 'node:stream'
import { QuaysideError } from '../../error.ts'

/** What a store tells of an object without giving it. */
export interface Stored {
  readonly key: string
  /** bytes */
  readonly size: number
  readonly modified: Date
}

/** What was written. */
export interface Written {
  /** bytes */
  readonly size: number
  /** of all of them, in hex */
  readonly sha256: string
}

export interface PutOptions {
  /** fails with `reason: 'exists'` where the key is there already, also when two do it at once */
  readonly absent?: boolean
  readonly signal?: AbortSignal
}

/** What `examine` found out about a store, as a person may read it. */
export interface StoreFinding {
  readonly ok: boolean
  /** "it takes a write that must not overwrite" */
  readonly text: string
  /** what to do about it */
  readonly hint?: string
}

/**
 * Where backups are kept: keys and bytes. Keys are paths of letters, digits and `._=+-`, with "/" between. Whatever fails
 * throws a StoreError. A put that fails, or is aborted, leaves no object, and no half of one under its key.
 */
export interface Store {
  /** as a person knows it: "s3://bucket/prefix at http://127.0.0.1:5078", or a path */
  readonly name: string
  /** Memory stays flat, whatever the size. A body that errors is not stored. */
  put(key: string, body: Readable | Uint8Array, options?: PutOptions): Promise<Written>
  /** Throws `reason: 'missing'` at once; the stream errors where fewer bytes come than the object has. */
  get(key: string, options?: { readonly signal?: AbortSignal }): Promise<Readable>
  stat(key: string): Promise<Stored | undefined>
  /** All keys that begin so, in their order. */
  list(prefix: string): AsyncIterable<Stored>
  /** What is not there is no error. */
  remove(keys: readonly string[]): Promise<void>
  /** Throws away what puts that died have left and nobody will finish: those begun before that moment. Gives how many. */
  sweep(prefix: string, before: Date): Promise<number>
  /** Tries what a backup needs: that it is there, and that we may list, write, read, remove. Leaves nothing behind. */
  examine(): Promise<readonly StoreFinding[]>
  close(): void
}

/** What kept a store from doing as it was told. */
export type StoreFailure =
  | 'missing' // no such object
  | 'exists' // the key is taken
  | 'no-bucket'
  | 'denied' // credentials are wrong, or may not
  | 'unreachable'
  | 'full'
  | 'locked' // an object lock or a retention keeps it
  | 'cut' // the object is shorter than it should be
  | 'failed' // anything else, after retries
  | 'interrupted'

/** A store did not do as it was told. */
export class StoreError extends QuaysideError {
  readonly reason: StoreFailure

  constructor(message: string, options: { reason: StoreFailure; hint?: string; cause?: unknown }) {
    const { reason, ...rest } = options
    super(message, rest)
    this.reason = reason
  }
}
