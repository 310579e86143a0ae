import { messageOf } from '../../../error.ts'
import { redact } from '../../../secret/index.ts'
import { StoreError, type StoreFailure } from '../store.ts'

interface Kind {
  readonly reason: StoreFailure
  /** in our words; the server's own where there is none */
  readonly text?: string
  readonly hint: string
}

const credentials = 'check access_key and secret_key of the store, and the clock of this machine'
const policy = "the key's policy must allow it: docs/backups.md lists what a backup needs"
const address = "check the store's endpoint, and that the server runs and can be reached from here"
const slow = `${address}; one whose disks are full may not answer either`
const trust = 'give the CA that signed it: NODE_EXTRA_CA_CERTS=ca.pem'
const where = 'set region to where the bucket is'

const kinds: Readonly<Record<string, Kind>> = {
  NoSuchBucket: { reason: 'no-bucket', text: 'there is no such bucket', hint: 'create it, or mend bucket' },
  NoSuchKey: { reason: 'missing', text: 'it is not there', hint: 'was it removed?' },
  NotFound: { reason: 'missing', text: 'it is not there', hint: 'was it removed?' },
  PreconditionFailed: { reason: 'exists', text: 'it is there already', hint: 'another run may have put it' },
  InvalidAccessKeyId: {
    reason: 'denied',
    text: 'the server does not know the access key',
    hint: credentials,
  },
  SignatureDoesNotMatch: { reason: 'denied', text: 'the secret key is wrong', hint: credentials },
  ExpiredToken: {
    reason: 'denied',
    text: 'the session of the credentials has expired',
    hint: 'log in again',
  },
  InvalidToken: { reason: 'denied', text: 'the session token is not valid', hint: 'log in again' },
  CredentialsProviderError: {
    reason: 'denied',
    text: 'no credentials were found',
    hint: 'set access_key and secret_key of the store, or AWS_PROFILE or the like for the SDK to find',
  },
  AccessDenied: { reason: 'denied', hint: policy },
  Forbidden: { reason: 'denied', text: 'access denied', hint: policy },
  AllAccessDisabled: { reason: 'denied', hint: policy },
  AccountProblem: { reason: 'denied', hint: 'ask the provider' },
  RequestTimeTooSkewed: {
    reason: 'denied',
    text: 'the clock of this machine and the server’s differ by too much',
    hint: 'set it: timedatectl set-ntp true',
  },
  QuotaExceeded: { reason: 'full', text: 'the quota is used up', hint: 'raise it, or prune old backups' },
  InsufficientStorage: {
    reason: 'full',
    text: 'the server is full',
    hint: 'make room, or prune old backups',
  },
  XMinioStorageFull: { reason: 'full', text: 'the server is full', hint: 'make room, or prune old backups' },
  EntityTooLarge: { reason: 'full', text: 'the server takes no object of that size', hint: 'see its limits' },
  PermanentRedirect: { reason: 'failed', text: 'the bucket is in another region', hint: where },
  AuthorizationHeaderMalformed: { reason: 'failed', hint: where },
  InvalidStorageClass: {
    reason: 'failed',
    text: 'the server has no such storage class',
    hint: 'mend storage_class',
  },
  ECONNREFUSED: { reason: 'unreachable', text: 'nothing answers there', hint: address },
  ENOTFOUND: {
    reason: 'unreachable',
    text: 'the name does not resolve',
    hint: 'check endpoint and region; a server that is not AWS’s mostly needs path_style: true',
  },
  EAI_AGAIN: { reason: 'unreachable', text: 'names do not resolve here', hint: 'check the network and DNS' },
  EHOSTUNREACH: { reason: 'unreachable', text: 'there is no way to that host', hint: address },
  ENETUNREACH: { reason: 'unreachable', text: 'there is no way to that network', hint: address },
  ECONNRESET: { reason: 'unreachable', text: 'the connection was cut', hint: address },
  EPIPE: { reason: 'unreachable', text: 'the connection was cut', hint: address },
  ETIMEDOUT: { reason: 'unreachable', text: 'it does not answer in time', hint: slow },
  TimeoutError: { reason: 'unreachable', text: 'it does not answer in time', hint: slow },
  EPROTO: {
    reason: 'unreachable',
    text: 'it does not speak TLS',
    hint: 'an endpoint of http:// or https://?',
  },
  ERR_SSL_WRONG_VERSION_NUMBER: {
    reason: 'unreachable',
    text: 'it does not speak TLS',
    hint: 'is it http://?',
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: { reason: 'unreachable', text: 'its certificate is self-signed', hint: trust },
  SELF_SIGNED_CERT_IN_CHAIN: { reason: 'unreachable', text: 'its CA is not known here', hint: trust },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: { reason: 'unreachable', text: 'its CA is not known here', hint: trust },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: { reason: 'unreachable', text: 'its CA is not known here', hint: trust },
  CERT_HAS_EXPIRED: { reason: 'unreachable', text: 'its certificate has expired', hint: 'renew it' },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    reason: 'unreachable',
    text: 'its certificate is for another name',
    hint: 'a bucket with dots in its name needs path_style: true',
  },
  SlowDown: { reason: 'failed', text: 'the server says to slow down, again and again', hint: 'try later' },
  ServiceUnavailable: { reason: 'failed', text: 'the server is not ready', hint: 'look at the server' },
  InternalError: { reason: 'failed', text: 'the server has an error of its own', hint: 'look at the server' },
}

/** Trying again may help though the server says that the request is at fault. */
const passing =
  /^(SlowDown|Throttl\w*|RequestLimitExceeded|TooManyRequests\w*|RequestTimeout|RequestTimeoutException|TimeoutError|InternalError|ServiceUnavailable|ConditionalRequestConflict|OperationAborted|BadDigest|InvalidDigest|XAmzContentSHA256Mismatch|IncompleteBody|ECONNRESET|EPIPE|ETIMEDOUT|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/

/** What names an error of the SDK: the server's code for it, else the system's. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  // A socket that hangs up has the code of a reset, and a name that says nothing.
  if (code !== '' && (kinds[code] !== undefined || passing.test(code))) return code
  return kinds[error.name] !== undefined || statusOf(error) !== undefined ? error.name : code || error.name
}

/** The HTTP status that came, if one did. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined
  const { $metadata: about } = error
  if (typeof about !== 'object' || about === null || !('httpStatusCode' in about)) return undefined
  return typeof about.httpStatusCode === 'number' ? about.httpStatusCode : undefined
}

/** Whether the same request may do better in a moment. */
export function passes(error: unknown): boolean {
  const status = statusOf(error)
  return (
    passing.test(codeOf(error)) || status === 429 || (status !== undefined && status >= 500 && status !== 501)
  )
}

/** Whether no server answered at all. */
export function unmet(error: unknown): boolean {
  return statusOf(error) === undefined
}

/** Whether the server gave no reason, as it never does to HEAD. */
export function wordless(error: unknown): boolean {
  return ['NotFound', 'Forbidden', 'Unknown', 'UnknownError', 'Error', '403', '404'].includes(codeOf(error))
}

/** The SDK's error as a StoreError; `doing` is what was tried: "s3://bucket: cannot put a/b". Never has it a secret, nor the SDK's own error, which may. */
export function fromS3(error: unknown, doing: string): StoreError {
  if (error instanceof StoreError) return error
  const code = codeOf(error)
  const status = statusOf(error)
  const kind = kinds[code] ?? (wordless(error) ? ofStatus(status) : undefined)
  const said = redact(messageOf(error)).split('\n')[0]?.trim() ?? ''
  const text = kind?.text ?? (/^(UnknownError|Unknown|)$/.test(said) ? 'the server refused it' : said)
  const mark = [code, status].filter((each) => each !== undefined && each !== '').join(' ')
  return new StoreError(`${doing}: ${text}${mark === '' ? '' : ` (${mark})`}`, {
    reason: kind?.reason ?? 'failed',
    ...hinted(kind?.hint ?? hintOf(code, said)),
  })
}

function ofStatus(status: number | undefined): Kind | undefined {
  if (status === 403) return kinds.Forbidden
  if (status === 404)
    return { reason: 'failed', text: 'what answers there is no S3 server', hint: 'check endpoint' }
  if (status === 412) return kinds.PreconditionFailed
  if (status === 301) return kinds.PermanentRedirect
  if (status === 507) return kinds.InsufficientStorage
  return undefined
}

function hintOf(code: string, said: string): string | undefined {
  if (code.startsWith('KMS')) return 'check kms_key, and that the access key may use it'
  if (/object.?lock/i.test(said))
    return 'lock_days needs a bucket with object lock, which is set when it is made'
  if (/not expected|deserializ|parse/i.test(said)) return 'is it an S3 server that answers there?'
  if (/^Invalid(Request|Argument)$/.test(code))
    return 'the server may not know storage_class, encryption or kms_key, or the bucket may have no object lock for lock_days'
  if (code === 'NotImplemented') return 'the server does not know this part of S3'
  return undefined
}

function hinted(hint: string | undefined): { hint?: string } {
  return hint === undefined ? {} : { hint }
}
