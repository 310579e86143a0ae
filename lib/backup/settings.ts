import { secret, type VarsOf } from '../inventory/schema.ts'

const count = { type: 'integer', minimum: 0, maximum: 10_000 } as const

const s3 = {
  type: 'object',
  additionalProperties: false,
  required: ['bucket'],
  properties: {
    bucket: { type: 'string', pattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$' },
    prefix: {
      type: 'string',
      pattern: '^([A-Za-z0-9._=+-]+(/[A-Za-z0-9._=+-]+)*)?$',
      default: '',
      description: 'folder in the bucket that everything is below',
    },
    endpoint: {
      type: 'string',
      pattern: '^https?://',
      description:
        "of a server that is not AWS's; http only for one on this machine or in a network of your own",
    },
    host_endpoint: {
      type: 'string',
      pattern: '^https?://',
      description: 'the same server as the hosts reach it, where that differs',
    },
    region: { type: 'string', pattern: '^[a-z0-9-]+$', default: 'us-east-1' },
    path_style: {
      type: 'boolean',
      default: false,
      description: "the bucket in the path instead of the host's name: for most servers that are not AWS's",
    },
    access_key: {
      ...secret,
      description: "unless given, the SDK's own chain: environment, profile, instance role",
    },
    secret_key: secret,
    storage_class: { type: 'string', pattern: '^[A-Z0-9_]+$', description: 'STANDARD_IA, GLACIER_IR, …' },
    encryption: {
      enum: ['AES256', 'aws:kms'],
      description:
        "the server's own, besides ours: everything is encrypted with age before it leaves the host",
    },
    kms_key: { type: 'string', description: 'with aws:kms' },
    lock_days: {
      type: 'integer',
      minimum: 1,
      maximum: 36_500,
      description: 'nobody can remove an object before that (COMPLIANCE): the bucket must have object lock',
    },
  },
} as const

const store = {
  type: 'object',
  additionalProperties: false,
  properties: {
    s3,
    directory: {
      type: 'string',
      minLength: 1,
      description: 'a folder of the machine that runs the playbook',
    },
  },
  description: 'one of s3 and directory',
} as const

/** Variables of backups, restores and drills; what stands on the first host of group db holds. */
export const backupVars = {
  type: 'object',
  additionalProperties: false,
  required: [],
  properties: {
    backup_store: { ...store, description: 'where backups go: one of s3 and directory' },
    backup_copy_store: {
      ...store,
      description: 'a second place, for `backup.ts copy`: another provider, or a disk',
    },
    backup_recipients: {
      type: 'array',
      items: { type: 'string', pattern: '^age1[a-z0-9]+$' },
      description: 'age public keys that open backups; those of recipients.txt unless given',
    },
    backup_signing_key: {
      ...secret,
      description:
        'manifests and evidence are signed with it: 16 characters or more, the same wherever they are checked',
    },
    backup_databases: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      description: 'databases to back up; postgres_database unless given',
    },
    backup_redis: { type: 'boolean', default: true, description: 'whether Redis is part of a backup' },
    backup_volumes: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['host'],
        properties: {
          host: { type: 'string', description: 'its name in the inventory' },
          volume: { type: 'string', pattern: '^[a-zA-Z0-9][a-zA-Z0-9_.-]*$' },
          path: { type: 'string', pattern: '^/' },
        },
      },
      default: [],
      description:
        'Docker volumes and folders of hosts: { host: app-1, volume: uploads } or { host: app-1, path: /srv }',
    },
    backup_migration_query: {
      type: 'string',
      description: "SQL for the app's migration level, in the first database: one row, one column",
    },
    backup_keep: {
      type: 'object',
      additionalProperties: false,
      properties: {
        last: count,
        daily: count,
        weekly: count,
        monthly: count,
        yearly: count,
        base: { ...count, minimum: 1, description: 'base backups, with the log from the oldest of them on' },
      },
      default: { last: 3, daily: 7, weekly: 4, monthly: 12, base: 2 },
      description:
        'how many prune keeps: the newest ones, and the newest of each day, week, month, year; and how many base backups',
    },
    backup_dumps: {
      type: 'integer',
      minimum: 1,
      maximum: 16,
      default: 2,
      description:
        'dumps of a database at once, among which its large tables are shared out; a restore loads as many at once as --jobs says',
    },
    backup_base_incrementals: {
      ...count,
      default: 6,
      description:
        'how many incremental base backups follow a full one, where PostgreSQL can make them: 17 and later with summarize_wal',
    },
    restore_scrub: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        properties: {
          sql: { type: 'string', minLength: 1 },
          file: { type: 'string', minLength: 1, description: 'of SQL, in the folder of the inventory' },
          database: { type: 'string', description: 'the first one unless given' },
        },
      },
      default: [],
      description:
        'what is done to data of another environment before it may serve here: one of sql and file each',
    },
    drill_host: {
      type: 'string',
      description: 'a host with Docker for the scratch server; the last one of group app unless given',
    },
    drill_recall: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      default: 0.9,
      description: 'of the 10 nearest vectors, the part that an index must find',
    },
    drill_assertions: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'sql'],
        properties: {
          name: { type: 'string', minLength: 1 },
          sql: { type: 'string', minLength: 1, description: 'one row with one boolean: true is well' },
          database: { type: 'string', description: 'the first one unless given' },
        },
      },
      default: [],
      description: 'what must hold of the restored data',
    },
  },
} as const

export type BackupVars = VarsOf<typeof backupVars>
export type StoreSettings = NonNullable<BackupVars['backup_store']>
export type S3Settings = NonNullable<StoreSettings['s3']>
export type Keep = BackupVars['backup_keep']
