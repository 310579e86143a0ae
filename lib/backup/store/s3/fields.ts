import { createHash } from 'node:crypto'
import type { ServerSideEncryption, StorageClass } from '@aws-sdk/client-s3'
import type { S3Settings } from '../../settings.ts'

/** What an object is to be, as PutObject and CreateMultipartUpload take it. */
export function fieldsOf(settings: S3Settings, mark: string, now: Date = new Date()) {
  const { storage_class: kind, encryption, kms_key: key, lock_days: days } = settings
  return {
    ContentType: 'application/octet-stream',
    /** by which a put is known again when its answer was lost */
    Metadata: { 'quayside-put': mark },
    // The server's answer says whether it has such a class: the SDK's list of them is AWS's alone.
    ...(kind === undefined ? {} : { StorageClass: kind as StorageClass }),
    ...(encryption === undefined ? {} : { ServerSideEncryption: encryption as ServerSideEncryption }),
    ...(key === undefined ? {} : { SSEKMSKeyId: key }),
    ObjectLockMode: days === undefined ? undefined : ('COMPLIANCE' as const),
    ObjectLockRetainUntilDate: days === undefined ? undefined : new Date(now.getTime() + days * 86_400_000),
  }
}

/**
 * The checksum of bytes as a request states it, for the server to check and AWS to keep. Other servers check the SHA-256
 * of the signature; where an object is locked they want an MD5 besides.
 */
export function checksumOf(settings: S3Settings, bytes: Uint8Array) {
  if (settings.endpoint === undefined)
    return { ChecksumSHA256: createHash('sha256').update(bytes).digest('base64') }
  if (settings.lock_days === undefined) return {}
  return { ContentMD5: createHash('md5').update(bytes).digest('base64') }
}
