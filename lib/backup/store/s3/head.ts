import { StoreError } from '../store.ts'
import type { Bucket } from './bucket.ts'

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

/** Throws where the key is taken. */
export async function refuseTaken(bucket: Bucket, key: string, signal: AbortSignal): Promise<void> {
  if ((await headOf(bucket, key, signal)) !== undefined)
    throw new StoreError(`${bucket.name}: ${key} is there already`, {
      reason: 'exists',
      hint: 'another run may have put it',
    })
}

/** Whether the object that is there came from that put. */
export async function isOurs(
  bucket: Bucket,
  key: string,
  mark: string,
  signal: AbortSignal,
  size?: number,
): Promise<boolean> {
  const found = await headOf(bucket, key, signal)
  return found?.Metadata?.['quayside-put'] === mark && (size === undefined || found.ContentLength === size)
}
