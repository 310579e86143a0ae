import { createHash } from 'node:crypto'
import * as sdk from '@aws-sdk/client-s3'
import { UsageError } from '../../../error.ts'
import type { S3Settings } from '../../settings.ts'
import { Bucket, type Tell } from './bucket.ts'
import { type Patience, usual } from './patience.ts'

/** A bucket as the settings say; nothing is sent yet. */
export async function bucketOf(
  settings: S3Settings,
  { patience = usual, tell = () => {} }: { readonly patience?: Patience; readonly tell?: Tell } = {},
): Promise<Bucket> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  const { access_key: access, secret_key: secret, endpoint } = settings
  if ((access === undefined) !== (secret === undefined))
    throw new UsageError(
      `s3://${settings.bucket}: access_key and secret_key go together`,
      'give both, or none',
    )
  const client = new sdk.S3Client({
    region: settings.region,
    forcePathStyle: settings.path_style,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(access === undefined || secret === undefined
      ? {}
      : { credentials: async () => ({ accessKeyId: access.reveal(), secretAccessKey: secret.reveal() }) }),
    // Attempts are ours to make: a part is sent again from memory, and for longer than the SDK would.
    maxAttempts: 1,
    // A server that is not AWS's may not know the newer checksums. All know the SHA-256 that is part of a signature.
    requestChecksumCalculation: endpoint === undefined ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // It takes a new connection for each part.
    expectContinueHeader: false,
    requestHandler: { connectionTimeout: patience.connect, socketTimeout: patience.idle },
  })
  client.middlewareStack.add(
    (next) => (args) => {
      const { request, input } = args as { request: unknown; input: unknown }
      presign(request, input)
      return next(args)
    },
    { step: 'build', priority: 'low', name: 'quaysidePayloadHash' },
  )
  return new Bucket(sdk, client, settings, { patience, tell })
}

/** The SHA-256 that goes into the signature; where it is the checksum too, it is computed once. */
function presign(request: unknown, input: unknown): void {
  if (!has(request, 'headers') || !has(input, 'Body') || !(input.Body instanceof Uint8Array)) return
  const { headers } = request
  if (typeof headers !== 'object' || headers === null) return
  const known = has(input, 'ChecksumSHA256') ? input.ChecksumSHA256 : undefined
  const digest =
    typeof known === 'string'
      ? Buffer.from(known, 'base64')
      : createHash('sha256').update(input.Body).digest()
  Object.assign(headers, { 'x-amz-content-sha256': digest.toString('hex') })
}

function has<K extends string>(value: unknown, key: K): value is Record<K, unknown> {
  return typeof value === 'object' && value !== null && key in value
}
