import type { VarsOf } from '../inventory/schema.ts'
import { releaseSchema } from './served.ts'

/** The version of the form below: a reader refuses a higher one. Raise it when an older reader would misread. */
export const manifestVersion = 2
/** What an older reader understands, too: a backup whose databases have one dump each is written as one. */
export const plainVersion = 1

const text = { type: 'string' } as const
const count = { type: 'integer', minimum: 0 } as const
const time = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z$' } as const

/** Something that stands in the store, below the backup's own folder. */
const object = {
  type: 'object',
  additionalProperties: false,
  required: ['key', 'size', 'sha256', 'ms'],
  properties: {
    key: { ...text, description: 'below the folder of the backup: "postgres/app.dump.zst.age"' },
    size: { ...count, description: 'bytes, as stored: compressed and encrypted' },
    sha256: { type: 'string', pattern: '^[0-9a-f]{64}$', description: 'of those bytes' },
    ms: { ...count, description: 'how long it took' },
  },
} as const

const table = {
  type: 'object',
  additionalProperties: false,
  required: ['schema', 'name', 'kind', 'rows', 'hash'],
  properties: {
    schema: text,
    name: text,
    kind: {
      enum: ['table', 'partition', 'matview'],
      description: 'what holds rows itself; a partitioned table does not',
    },
    rows: count,
    hash: { ...text, description: 'of all rows, in whatever order: see content-hash.ts' },
  },
} as const

const sequence = {
  type: 'object',
  additionalProperties: false,
  required: ['schema', 'name', 'value', 'called'],
  properties: {
    schema: text,
    name: text,
    value: { ...text, description: 'a bigint' },
    called: { type: 'boolean' },
    until: {
      ...text,
      description: 'where it stood when the dump had ended, if it moved: no snapshot holds a sequence still',
    },
  },
} as const

const database = {
  type: 'object',
  additionalProperties: false,
  required: [
    'name',
    'owner',
    'encoding',
    'collate',
    'ctype',
    'bytes',
    'object',
    'extensions',
    'tables',
    'sequences',
    'largeObjects',
  ],
  properties: {
    name: text,
    owner: text,
    encoding: text,
    collate: text,
    ctype: text,
    locale: { ...text, description: 'where it is not the C library that orders text: "icu:de-AT"' },
    bytes: { ...count, description: 'pg_database_size' },
    object,
    apart: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['object', 'tables'],
        properties: {
          object,
          tables: {
            type: 'array',
            items: {
              type: 'object',
              additionalProperties: false,
              required: ['schema', 'name'],
              properties: { schema: text, name: text },
            },
          },
        },
      },
      description: 'dumps of the rows of some tables, which the first one lacks; not there: it has all',
    },
    extensions: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'version'],
        properties: { name: text, version: text },
      },
    },
    tables: { type: 'array', items: table },
    sequences: { type: 'array', items: sequence },
    objects: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['kind', 'name'],
        properties: { kind: text, name: { ...text, description: 'as SQL writes it' } },
      },
      description: 'indexes, constraints, triggers, views, functions, policies: that they are there',
    },
    largeObjects: {
      type: 'object',
      additionalProperties: false,
      required: ['count', 'bytes', 'hash'],
      properties: { count, bytes: count, hash: text },
    },
    migration: { ...text, description: "the app's own word for how far its schema has come" },
  },
} as const

const postgres = {
  type: 'object',
  additionalProperties: false,
  required: ['host', 'version', 'snapshotAt', 'globals', 'databases'],
  properties: {
    host: text,
    version: { ...text, description: 'of the server: "15.4"' },
    snapshotAt: { ...time, description: 'what is restored is as of then' },
    globals: object,
    databases: { type: 'array', items: database },
  },
} as const

const redis = {
  type: 'object',
  additionalProperties: false,
  required: ['host', 'version', 'keys', 'object'],
  properties: {
    host: text,
    version: text,
    keys: { ...count, description: 'when it was taken; they change while it is' },
    object,
  },
} as const

const volume = {
  type: 'object',
  additionalProperties: false,
  required: ['host', 'kind', 'name', 'object'],
  properties: {
    host: text,
    kind: { enum: ['volume', 'path'] },
    name: { ...text, description: "a Docker volume's name, or an absolute path" },
    object,
  },
} as const

/** What a logical backup is: written last, and so the proof that all before it was. */
export const manifestSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['version', 'id', 'env', 'takenAt', 'finishedAt', 'by', 'tools', 'recipients', 'volumes'],
  properties: {
    version: { enum: [plainVersion, manifestVersion] },
    id: { ...text, description: 'its folder: "20261125T101500Z-3f9a1c"' },
    env: text,
    takenAt: { ...time, description: 'when the earliest of its parts was taken' },
    finishedAt: time,
    by: { ...text, description: 'who ran it: "anna@laptop"' },
    tools: {
      type: 'object',
      additionalProperties: text,
      description: 'versions: quayside, pg_dump, zstd, age',
    },
    recipients: { type: 'array', items: text, description: 'age public keys that open it' },
    release: releaseSchema,
    postgres,
    redis,
    volumes: { type: 'array', items: volume },
  },
} as const

export type Manifest = VarsOf<typeof manifestSchema>
export type ObjectEntry = Manifest['volumes'][number]['object']
export type PostgresPart = NonNullable<Manifest['postgres']>
export type DatabasePart = PostgresPart['databases'][number]
export type TablePart = DatabasePart['tables'][number]
export type RedisPart = NonNullable<Manifest['redis']>
export type VolumePart = Manifest['volumes'][number]

/** What a database is dumped into. */
export function dumpsOf({ object, apart = [] }: DatabasePart): readonly ObjectEntry[] {
  return [object, ...apart.map((each) => each.object)]
}

/** Every object that a backup is made of. */
export function objectsOf(manifest: Manifest): readonly ObjectEntry[] {
  const { postgres, redis, volumes } = manifest
  return [
    ...(postgres === undefined ? [] : [postgres.globals, ...postgres.databases.flatMap(dumpsOf)]),
    ...(redis === undefined ? [] : [redis.object]),
    ...volumes.map((each) => each.object),
  ]
}
