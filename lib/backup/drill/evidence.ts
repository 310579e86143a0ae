import type { VarsOf } from '../../inventory/schema.ts'

/** The version of the form below: raise it when a reader of the old one would misread. */
export const evidenceVersion = 1

const text = { type: 'string' } as const
const count = { type: 'integer', minimum: 0 } as const
const ms = { type: 'integer', minimum: 0, description: 'milliseconds' } as const
const time = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z$' } as const

const step = {
  type: 'object',
  additionalProperties: false,
  required: ['id', 'title', 'outcome', 'text', 'problems', 'start', 'ms'],
  properties: {
    id: { ...text, description: 'a word for programs: "restore"' },
    title: { ...text, description: 'what must hold: "every table has its rows"' },
    outcome: {
      enum: ['ok', 'failed', 'skipped', 'not-run'],
      description:
        'skipped: the backup has nothing of that kind; not-run: an earlier step failed that it needs',
    },
    text: { ...text, description: 'what was found, or why not' },
    problems: { type: 'array', items: text, description: 'one a line, the first hundred' },
    start: { ...ms, description: 'milliseconds since the drill began' },
    ms,
  },
} as const

const table = {
  type: 'object',
  additionalProperties: false,
  required: ['database', 'schema', 'name', 'rows', 'equal'],
  properties: {
    database: text,
    schema: text,
    name: text,
    rows: { ...count, description: 'as the manifest says' },
    restored: { ...count, description: 'as counted in the scratch server; not there where the table is not' },
    equal: { type: 'boolean', description: 'rows and content hash are the same' },
  },
} as const

const index = {
  type: 'object',
  additionalProperties: false,
  required: ['database', 'name', 'table', 'method'],
  properties: {
    database: text,
    name: text,
    table: text,
    method: { ...text, description: 'hnsw or ivfflat' },
    buildMs: { ...ms, description: 'how long pg_restore took to build it' },
    recall: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      description: 'of the 10 nearest, found by the index; not there where the table has no vectors',
    },
    samples: { ...count, description: 'rows whose vectors were searched for' },
  },
} as const

const app = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'image', 'answers'],
  properties: {
    name: text,
    image: { ...text, description: 'by digest' },
    answers: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['path', 'status'],
        properties: { path: text, status: { ...count, description: 'of HTTP; 0 where none came' } },
      },
    },
  },
} as const

/** What a drill found out, as it is kept beside the backup: the payload of a signed document. */
export const evidenceSchema = {
  type: 'object',
  additionalProperties: false,
  required: [
    'version',
    'drill',
    'env',
    'backup',
    'chosen',
    'store',
    'host',
    'image',
    'by',
    'startedAt',
    'finishedAt',
    'ok',
    'steps',
    'tables',
    'indexes',
    'apps',
  ],
  properties: {
    version: { const: evidenceVersion },
    drill: { ...text, description: 'its name: "20261125T101500Z-3f9a1c"' },
    env: text,
    backup: text,
    chosen: { ...text, description: 'newest, named, or random with its seed' },
    store: text,
    host: { ...text, description: 'where the scratch server ran' },
    image: { ...text, description: "the scratch server's" },
    by: { ...text, description: 'who ran it: "anna@laptop"' },
    startedAt: time,
    finishedAt: time,
    ok: { type: 'boolean', description: 'all of it holds' },
    recovery: {
      type: 'object',
      additionalProperties: false,
      required: ['to'],
      properties: {
        to: { ...text, description: 'the time that was asked for: ISO 8601, or latest' },
        reached: { ...time, description: 'when the last transaction was committed that it has' },
      },
      description:
        'of a recovery to a point in time, whose base backup is `backup`; there are no tables then',
    },
    snapshotAt: { ...time, description: 'what the backup holds is as of then' },
    rpoSeconds: {
      type: 'number',
      minimum: 0,
      description: 'what would have been lost, had all burnt down when the drill began',
    },
    rtoSeconds: {
      type: 'number',
      minimum: 0,
      description:
        'from the start to an app that answers, or to restored and checked data where no release is known; only where all of it passed',
    },
    steps: { type: 'array', items: step },
    tables: { type: 'array', items: table },
    indexes: { type: 'array', items: index },
    apps: { type: 'array', items: app },
  },
} as const

export type Evidence = VarsOf<typeof evidenceSchema>
export type StepRecord = Evidence['steps'][number]
export type TableRecord = Evidence['tables'][number]
export type IndexRecord = Evidence['indexes'][number]
export type AppRecord = Evidence['apps'][number]

/** docs/schemas/drill.schema.json: of the payload, for programs that read evidence. */
export function evidenceText(): string {
  const head = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Evidence of a restore drill',
    description: 'The payload of {payload, signature, publicKey}, as it stands in a store beside a backup',
  }
  return `${JSON.stringify({ ...head, ...evidenceSchema }, null, 2)}\n`
}
