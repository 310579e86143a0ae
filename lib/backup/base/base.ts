import { Ajv } from 'ajv'
import { exit, messageOf, QuaysideError } from '../../error.ts'
import type { VarsOf } from '../../inventory/schema.ts'
import type { Secret } from '../../secret/index.ts'
import { layout, timeOf } from '../layout.ts'
import { releaseSchema } from '../served.ts'
import { signed, verified } from '../signature.ts'
import { type Store, StoreError } from '../store/index.ts'

/** The version of the form below: a reader refuses a higher one. */
export const baseVersion = 3
/** What an older reader understands, too: a full base backup is written as one. */
export const fullVersion = 2

const text = { type: 'string' } as const
const count = { type: 'integer', minimum: 0 } as const
const lsn = { type: 'string', pattern: '^[0-9A-F]{1,8}/[0-9A-F]{1,8}$' } as const

/** A physical base backup: base.json, written last and signed. */
export const baseSchema = {
  type: 'object',
  additionalProperties: false,
  required: [
    'version',
    'id',
    'env',
    'host',
    'by',
    'system',
    'server',
    'timeline',
    'segmentBytes',
    'start',
    'stop',
    'startedAt',
    'endedAt',
    'bytes',
    'object',
  ],
  properties: {
    version: { enum: [1, fullVersion, baseVersion] },
    id: text,
    env: text,
    host: text,
    by: text,
    system: { type: 'string', pattern: '^\\d+$', description: 'the system identifier of the server' },
    server: { ...text, description: 'its version: "15.4"' },
    timeline: { type: 'integer', minimum: 1 },
    segmentBytes: { type: 'integer', minimum: 1_048_576 },
    start: { ...lsn, description: 'recovery needs the log from here on' },
    stop: { ...lsn, description: 'and at least up to here' },
    startedAt: { ...text, description: 'by the clock of the server' },
    endedAt: { ...text, description: 'no recovery can go to an earlier time' },
    release: releaseSchema,
    bytes: { ...count, description: 'of the files of the server, before they were compressed' },
    parent: { ...text, description: 'the base backup that this one is incremental upon; absent: it is full' },
    incrementBytes: {
      ...count,
      description: 'of the files of an incremental one, before they were compressed',
    },
    object: {
      type: 'object',
      additionalProperties: false,
      required: ['key', 'size', 'sha256', 'ms'],
      properties: {
        key: text,
        size: count,
        sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' },
        ms: count,
      },
    },
  },
} as const

export type Base = VarsOf<typeof baseSchema>

/** Folder of a base backup, below the store's prefix. */
export function baseFolder(env: string, id: string): string {
  return `${layout.base(env)}${id}/`
}

/** Makes a base backup one: from then on recovery can begin with it. */
export async function writeBase(store: Store, base: Base, key: Secret): Promise<void> {
  const path = `${baseFolder(base.env, base.id)}base.json`
  const body = `${JSON.stringify(signed('base', base, key), null, 1)}\n`
  await store.put(path, Buffer.from(body), { absent: true }).catch((error: unknown) => {
    // by ourselves, where an answer was lost and it was tried again: what stands there is looked at below
    if (!(error instanceof StoreError) || error.reason !== 'exists') throw error
  })
  if ((await textOf(store, path)) !== body)
    throw new QuaysideError(`${store.name}: ${path} was written, and reads back as something else`, {
      hint: 'the store is not to be trusted: npx zx playbooks/backup.ts doctor tries it',
    })
}

/** A base backup by its id. Throws a QuaysideError for one that was not finished, altered, or made by a newer version. */
export async function readBase(
  store: Store,
  env: string,
  id: string,
  key: Secret | undefined,
): Promise<Base> {
  const path = `${baseFolder(env, id)}base.json`
  const broken = (why: string, cause?: unknown) =>
    new QuaysideError(`base backup ${id}: ${why}`, {
      hint: 'take another one: npx zx playbooks/backup.ts base',
      cause,
    })
  const document = await textOf(store, path).then(JSON.parse, (error: unknown) => {
    throw broken(`it cannot be read: ${messageOf(error)}`, error)
  })
  const version = document?.payload?.version
  if (typeof version === 'number' && version > baseVersion)
    throw new QuaysideError(`base backup ${id} was made by a newer version of Quayside (form ${version})`, {
      exitCode: exit.usage,
    })
  const payload = verified('base', document, key)
  const check = new Ajv({ strict: true, strictRequired: false }).compile(baseSchema)
  if (!check(payload))
    throw broken(
      `base.json is not in the form of one: ${check.errors?.[0]?.instancePath} ${check.errors?.[0]?.message}`,
    )
  const base = payload as Base
  if (base.id !== id || base.env !== env)
    throw broken(`base.json is that of ${base.id} of ${base.env}: it does not belong here`)
  return base
}

/** All base backups that were finished, the newest first. */
export async function listBases(store: Store, env: string): Promise<readonly string[]> {
  const prefix = layout.base(env)
  const ids: string[] = []
  for await (const { key } of store.list(prefix)) {
    const [id = '', name] = key.slice(prefix.length).split('/')
    if (name === 'base.json' && timeOf(id) !== undefined) ids.push(id)
  }
  return ids.sort().reverse()
}

async function textOf(store: Store, key: string): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of await store.get(key)) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}
