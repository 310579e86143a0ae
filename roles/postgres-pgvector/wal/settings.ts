import { exit, QuaysideError } from '../../../lib/error.ts'
import { quote } from '../../../lib/script/script.ts'
import { type Content, type Secret, text } from '../../../lib/secret/index.ts'
import { paths, volume } from '../paths.ts'
import type { PostgresVars } from '../schema.ts'
import { walPaths } from './paths.ts'

type Place = NonNullable<NonNullable<PostgresVars['backup_store']>['s3']>

/** What the archiver needs of the inventory. */
export interface WalSettings {
  readonly env: string
  readonly s3: Place
  readonly accessKey: Secret
  readonly secretKey: Secret
  /** age public keys */
  readonly recipients: readonly string[]
  readonly queueMb: number
  /** the Docker volume of the server's data */
  readonly volume: string
  /** where that is on the host; Docker is asked unless told */
  readonly data?: string
}

/** Throws a QuaysideError (exit code 2) where the inventory does not say enough for an archiver that runs on the host. */
export function walSettings(vars: PostgresVars, env: string): WalSettings {
  const unsaid = (message: string, hint: string) =>
    new QuaysideError(`postgres_archive: ${message}`, { hint, exitCode: exit.usage })
  const s3 = vars.backup_store?.s3
  if (s3 === undefined)
    throw unsaid(
      'the log is archived to S3 alone, and backup_store.s3 is not set',
      'docs/backups.md has an example',
    )
  const { postgres_archive_access_key: accessKey, postgres_archive_secret_key: secretKey } = vars
  if (accessKey === undefined || secretKey === undefined)
    throw unsaid(
      'the host itself writes to S3: set postgres_archive_access_key and postgres_archive_secret_key',
      'a key that may put and read objects below PREFIX/ENV/wal/ is enough',
    )
  const recipients = vars.backup_recipients ?? []
  if (recipients.length === 0)
    throw unsaid(
      'nobody is named who could open what is archived: backup_recipients is not set',
      'list age public keys there: npx zx playbooks/secrets.ts keygen makes one',
    )
  return {
    env,
    s3,
    accessKey,
    secretKey,
    recipients,
    queueMb: vars.postgres_wal_queue_mb,
    volume,
    ...(vars.postgres_data_device !== undefined && { data: paths.dataOnDisk }),
  }
}

/** The archiver's settings, which sh reads. */
export function settingsFile({ env, s3, recipients, queueMb, volume, data }: WalSettings): string {
  const values = {
    volume,
    ...(data !== undefined && { data }),
    url: `${objectsUrl(s3)}${[s3.prefix, env, 'wal'].filter(Boolean).join('/').split('/').map(encodeURIComponent).join('/')}`,
    recipients: recipients.map((each) => `-r ${each}`).join(' '),
    credentials: walPaths.credentials,
    headers: walPaths.headers,
    state: walPaths.state,
    work: walPaths.work,
    metrics: walPaths.metrics,
    parallel: 3,
    queue_mb: queueMb,
    free_mb: 512,
    lock_days: s3.lock_days ?? 0,
  }
  return Object.entries(values)
    .map(([name, value]) => `${name}=${quote(String(value))}\n`)
    .join('')
}

/** curl's file of who asks: read by -K, so that no secret is in an argument list. */
export function credentialsFile({ s3, accessKey, secretKey }: WalSettings): Content {
  return text`
    user = "${accessKey}:${secretKey}"
    aws-sigv4 = "aws:amz:${s3.region}:s3"
  `
}

/** curl's file of what S3 is to do with each object. */
export function headersFile({ s3 }: WalSettings): string {
  const headers = {
    'x-amz-storage-class': s3.storage_class,
    'x-amz-server-side-encryption': s3.encryption,
    'x-amz-server-side-encryption-aws-kms-key-id': s3.kms_key,
  }
  return Object.entries(headers)
    .flatMap(([name, value]) => (value === undefined ? [] : [`header = "${name}: ${value}"\n`]))
    .join('')
}

/** Where objects are, up to the "/" before their keys, as the host reaches it. */
export function objectsUrl(s3: Place): string {
  const endpoint = s3.host_endpoint ?? s3.endpoint ?? `https://s3.${s3.region}.amazonaws.com`
  const base = endpoint.replace(/\/+$/, '')
  // A certificate for *.s3.… is none for a name with dots before that.
  if (s3.path_style || s3.bucket.includes('.')) return `${base}/${s3.bucket}/`
  return `${base.replace('://', `://${s3.bucket}.`)}/`
}
