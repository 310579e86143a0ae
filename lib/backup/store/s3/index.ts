import type { S3Settings } from '../../settings.ts'
import { type Store, StoreError } from '../store.ts'

/** A bucket of an S3 server as a store. */
export async function s3Store(settings: S3Settings): Promise<Store> {
  throw new StoreError(`s3://${settings.bucket}: S3 is not there yet`, { reason: 'failed' })
}
