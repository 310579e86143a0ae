import { Ajv, type ValidateFunction } from 'ajv'
import { messageOf, QuaysideError, UsageError } from '../error.ts'
import type { Secret } from '../secret/index.ts'
import { layout, timeOf } from './layout.ts'
import { type Manifest, manifestSchema, manifestVersion } from './manifest.ts'
import { SignatureError, signed, verified } from './signature.ts'
import { type Store, StoreError } from './store/store.ts'

/** What kept a manifest from being read. */
export type ManifestFault = 'missing' | 'not-json' | 'newer' | 'signature' | 'schema' | 'swapped'

/** A manifest that cannot be trusted, or understood. */
export class ManifestError extends QuaysideError {
  readonly id: string
  readonly reason: ManifestFault

  constructor(id: string, reason: ManifestFault, message: string, hint: string, cause?: unknown) {
    super(`backup ${id}: ${message}`, { hint, cause })
    this.id = id
    this.reason = reason
  }
}

/** A folder of the store that a backup was begun in. */
export interface Found {
  readonly id: string
  /** whether its manifest is there: without one it is no backup */
  readonly complete: boolean
  /** when it was begun */
  readonly at: Date
}

/** Writes a manifest, signed, and reads it back: from then on there is a backup. Never over another. */
export async function writeManifest(store: Store, manifest: Manifest, key: Secret): Promise<void> {
  const { env, id } = manifest
  const path = layout.manifest(env, id)
  const bytes = Buffer.from(`${JSON.stringify(signed('manifest', manifest, key), null, 1)}\n`)
  let taken: StoreError | undefined
  try {
    await store.put(path, bytes, { absent: true })
  } catch (error) {
    if (!(error instanceof StoreError) || error.reason !== 'exists') throw error
    taken = error // by ourselves, where an answer was lost and the put was tried again
  }
  const there = await bytesOf(store, path)
  if (there.equals(bytes)) return
  if (taken !== undefined)
    throw new QuaysideError(`${store.name}: ${path} is there already: another run finished this backup`, {
      hint: 'npx zx playbooks/backup.ts list shows what there is',
      cause: taken,
    })
  throw new QuaysideError(`${store.name}: ${path} was written, and reads back as something else`, {
    hint: 'the store is not to be trusted: npx zx playbooks/backup.ts doctor tries it',
  })
}

/**
 * A backup's manifest, checked: that it is JSON of a version that we know, that its signature holds (by `key`, where it
 * is given), that it has the schema's form, and that it is this backup's. Throws a ManifestError.
 */
export async function readManifest(
  store: Store,
  env: string,
  id: string,
  key: Secret | undefined,
): Promise<Manifest> {
  const path = layout.manifest(env, id)
  const bytes = await bytesOf(store, path).catch((error: unknown) => {
    if (!(error instanceof StoreError) || error.reason !== 'missing') throw error
    throw new ManifestError(
      id,
      'missing',
      'it has no manifest, so it is none: its run was interrupted, or still goes on',
      'npx zx playbooks/backup.ts list shows the complete ones',
      error,
    )
  })
  return manifestOf(bytes.toString('utf8'), { env, id, key })
}

/** The same from its text. */
export function manifestOf(
  text: string,
  { env, id, key }: { readonly env: string; readonly id: string; readonly key: Secret | undefined },
): Manifest {
  const document = parsed(text, id)
  const version = versionOf(document)
  if (version > manifestVersion)
    throw new ManifestError(
      id,
      'newer',
      `its manifest has version ${version} of the form, and this Quayside knows up to ${manifestVersion}`,
      'use the Quayside that wrote it, or a newer one',
    )
  const payload = signedPayload(document, id, key)
  const check = validator()
  if (!check(payload)) {
    const [first] = check.errors ?? []
    throw new ManifestError(
      id,
      'schema',
      `its manifest has not the form of one: ${first?.instancePath || 'at its top'} ${first?.message}`,
      'it was written by something else',
    )
  }
  const manifest = payload as Manifest
  if (manifest.id !== id || manifest.env !== env)
    throw new ManifestError(
      id,
      'swapped',
      `its manifest is that of ${manifest.id} of ${manifest.env}, and does not belong here`,
      'somebody moved it: do not trust what is in this folder',
    )
  return manifest
}

/** Every folder that a backup was begun in, the newest first. */
export async function listBackups(store: Store, env: string): Promise<readonly Found[]> {
  const prefix = layout.backups(env)
  const complete = new Map<string, boolean>()
  for await (const { key } of store.list(prefix)) {
    const [id = '', ...rest] = key.slice(prefix.length).split('/')
    complete.set(id, complete.get(id) === true || rest.join('/') === 'manifest.json')
  }
  return [...complete]
    .flatMap(([id, whole]) => {
      const at = timeOf(id)
      return at === undefined ? [] : [{ id, complete: whole, at }]
    })
    .sort((a, b) => (a.id < b.id ? 1 : -1))
}

/** The id of the backup that a person means: by it, by a beginning that only one has, or the newest. */
export async function chooseBackup(store: Store, env: string, wanted?: string): Promise<string> {
  const found = await listBackups(store, env)
  const whole = found.filter((each) => each.complete).map((each) => each.id)
  const [newest] = whole
  if (newest === undefined)
    throw new QuaysideError(`${store.name} has no complete backup of ${env}`, {
      hint: `npx zx playbooks/backup.ts --env ${env} takes one`,
    })
  if (wanted === undefined || wanted === 'newest') return newest
  const meant = whole.filter((id) => id.startsWith(wanted))
  const [only] = meant
  if (only !== undefined && (meant.length === 1 || only === wanted)) return only
  const newestOnes = `the newest are ${whole.slice(0, 3).join(', ')}`
  if (meant.length > 1) throw new UsageError(`"${wanted}" begins ${meant.length} backups`, meant.join(', '))
  if (found.some((each) => each.id.startsWith(wanted)))
    throw new UsageError(
      `backup ${wanted} is incomplete: its run was interrupted, or still goes on`,
      newestOnes,
    )
  throw new UsageError(`${env} has no backup "${wanted}"`, newestOnes)
}

function parsed(text: string, id: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ManifestError(
      id,
      'not-json',
      `its manifest is no JSON: ${messageOf(error)}`,
      'it was cut short or damaged in the store: take another backup, or its copy in backup_copy_store',
      error,
    )
  }
}

// Looked at before the signature: a newer form may be signed in another way.
function versionOf(document: unknown): number {
  const payload =
    typeof document === 'object' && document !== null && 'payload' in document ? document.payload : undefined
  const version =
    typeof payload === 'object' && payload !== null && 'version' in payload ? payload.version : undefined
  return typeof version === 'number' ? version : 0
}

function signedPayload(document: unknown, id: string, key: Secret | undefined): unknown {
  try {
    return verified('manifest', document, key)
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error
    throw new ManifestError(id, 'signature', error.message, error.hint ?? '', error)
  }
}

let compiled: ValidateFunction | undefined

function validator(): ValidateFunction {
  compiled ??= new Ajv({ strict: true, strictRequired: false }).compile(manifestSchema)
  return compiled
}

async function bytesOf(store: Store, key: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of await store.get(key)) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
