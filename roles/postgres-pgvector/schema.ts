import { backupVars } from '../../lib/backup/settings.ts'
import { secret, type VarsOf } from '../../lib/inventory/schema.ts'
import { images } from '../versions.ts'

const { s3 } = backupVars.properties.backup_store.properties
const source = { type: 'object', description: 'not for the archiver, which has a key of its own' } as const

/** Where the log goes: the playbooks' own credentials for it are not this role's affair, and so are no secrets here. */
const store = {
  ...backupVars.properties.backup_store,
  properties: {
    ...backupVars.properties.backup_store.properties,
    s3: { ...s3, properties: { ...s3.properties, access_key: source, secret_key: source } },
  },
} as const

const name = { type: 'string', pattern: '^[a-z_][a-z0-9_]{0,62}$' } as const

/** Variables of the postgres-pgvector role. */
export const postgresVars = {
  type: 'object',
  additionalProperties: false,
  required: ['postgres_password', 'postgres_superuser_password'],
  properties: {
    postgres_image: {
      type: 'string',
      default: images.postgres,
      description: 'PostgreSQL with pgvector, with the entrypoint of the official image',
    },
    postgres_uid: {
      type: 'integer',
      minimum: 1,
      default: 999,
      description: "uid of postgres in the image: 999 in Debian's, 70 in Alpine's",
    },
    postgres_port: {
      type: 'integer',
      minimum: 1,
      maximum: 65535,
      default: 5432,
      description: 'on the private address of the host',
    },
    postgres_superuser_password: {
      ...secret,
      description: 'of the role postgres, which only commands inside the container use',
    },
    postgres_user: { ...name, default: 'app', description: "the apps' role; owns the database" },
    postgres_password: { ...secret, description: 'of that role; printable ASCII' },
    postgres_database: { ...name, default: 'app', description: "the apps' database" },
    postgres_extensions: {
      type: 'array',
      items: { type: 'string', pattern: '^[a-z_][a-z0-9_-]*$' },
      default: ['vector'],
      description: 'made in the database',
    },
    postgres_clients: {
      type: 'array',
      items: { type: 'string', pattern: '^[A-Za-z0-9.:-]+(/[0-9]+)?$' },
      description:
        'addresses, networks or host names that may connect; the private addresses of the groups app, manager and worker unless given',
    },
    postgres_data_device: {
      type: 'string',
      pattern: '^/dev(/[A-Za-z0-9._:+-]+)+$',
      description:
        "a disk for the data alone, made an ext4 where it is blank; infra.ts sets it. docker's own place unless given",
    },
    postgres_memory_mb: {
      type: 'integer',
      minimum: 256,
      description: "memory limit, from which the server is tuned; half of the host's memory unless given",
    },
    postgres_max_connections: {
      type: 'integer',
      minimum: 20,
      maximum: 5000,
      default: 200,
      description: 'pool size × replicas × app hosts × 2 colours, and some to spare',
    },
    postgres_settings: {
      type: 'object',
      additionalProperties: { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] },
      default: {},
      description: 'further settings of postgresql.conf, over those of the role',
    },
    postgres_stop_seconds: {
      type: 'integer',
      minimum: 10,
      maximum: 3600,
      default: 120,
      description: 'time for a checkpoint at shutdown, before the server is killed',
    },
    postgres_archive: {
      type: 'boolean',
      default: false,
      description: 'archives the log to backup_store.s3, for recovery to a point in time: docs/backups.md',
    },
    postgres_archive_access_key: {
      ...secret,
      description:
        'of S3, for the host: it may put and read objects below PREFIX/ENV/wal/, and needs no more',
    },
    postgres_archive_secret_key: { ...secret, description: 'of that key' },
    postgres_wal_queue_mb: {
      type: 'integer',
      minimum: 128,
      maximum: 1_048_576,
      default: 4096,
      description:
        'how much of the log is kept on the host while S3 is away, before the oldest of it is given up',
    },
    backup_store: store,
    backup_recipients: backupVars.properties.backup_recipients,
  },
} as const

export type PostgresVars = VarsOf<typeof postgresVars>
