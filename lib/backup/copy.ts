import { QuaysideError } from '../error.ts'
import type { Secret } from '../secret/index.ts'
import { layout } from './layout.ts'
import { type Manifest, type ObjectEntry, objectsOf } from './manifest.ts'
import { readManifest } from './manifest-file.ts'
import { bytesOf } from './store/bytes.ts'
import { type Store, StoreError } from './store/store.ts'
import { checked } from './store/whole.ts'

export interface CopyOptions {
  readonly from: Store
  readonly to: Store
  readonly env: string
  /** the manifest's signature is checked by it */
  readonly key: Secret | undefined
  readonly signal: AbortSignal
  /** told of each object as it is begun, or left because it is there */
  readonly object?: (entry: ObjectEntry, there: boolean) => void
}

/** What a copy came to. */
export interface Copied {
  readonly id: string
  /** objects and bytes that were carried over; none where all was there */
  readonly objects: number
  readonly bytes: number
}

/** A backup that is not as its manifest says: a copy of it would only look like one. */
export class DamagedError extends QuaysideError {
  readonly id: string
  readonly key: string

  constructor(id: string, key: string, what: string, cause?: unknown) {
    super(`backup ${id} is damaged: ${key}: ${what}; it is not copied`, {
      hint: `restore from an earlier one, and see what else is: npx zx playbooks/backup.ts verify ${id}`,
      cause,
    })
    this.id = id
    this.key = key
  }
}

/**
 * Copies a backup to another store, as it is: encrypted and signed. Each object is checked against the manifest on
 * its way, and what errs is not stored; the manifest goes last, so that there is no copy before all of it is there. What is
 * there already with the right size is left, so that a copy which was cut off goes on where it was.
 */
export async function copyBackup(id: string, options: CopyOptions): Promise<Copied> {
  const { from, to, env, key, signal, object = () => {} } = options
  const manifest = await readManifest(from, env, id, key)
  const folder = layout.backup(env, id)
  const bytes = await bytesOf(from, layout.manifest(env, id))
  await refuseAnother(to, env, id, bytes)
  let [objects, carried] = [0, 0]
  for (const entry of objectsOf(manifest)) {
    signal.throwIfAborted()
    const there = (await to.stat(folder + entry.key))?.size === entry.size
    object(entry, there)
    if (there) continue
    await carry(id, entry, options)
    objects += 1
    carried += entry.size
  }
  await conclude(to, manifest, bytes)
  await copyEvidence(id, options)
  return { id, objects, bytes: carried }
}

async function carry(id: string, entry: ObjectEntry, { from, to, env, signal }: CopyOptions): Promise<void> {
  const path = layout.backup(env, id) + entry.key
  let damage: DamagedError | undefined
  try {
    const body = checked(await from.get(path, { signal }), ({ size, sha256 }) => {
      if (size !== entry.size)
        damage = new DamagedError(id, entry.key, `it has ${size} bytes, and ${entry.size} were written`)
      else if (sha256 !== entry.sha256)
        damage = new DamagedError(id, entry.key, 'its SHA-256 is not the one that was written')
      if (damage !== undefined) throw damage
    })
    await to.put(path, body, { signal })
  } catch (error) {
    // A store may wrap what it met in words of its own.
    if (damage !== undefined) throw damage
    if (!(error instanceof StoreError) || error.reason !== 'missing') throw error
    if ((await from.stat(layout.manifest(env, id))) === undefined)
      throw new QuaysideError(`backup ${id} was removed while it was copied`, { cause: error })
    throw new DamagedError(id, entry.key, 'it is not there', error)
  }
}

async function conclude(to: Store, { env, id }: Manifest, bytes: Buffer): Promise<void> {
  const path = layout.manifest(env, id)
  try {
    await to.put(path, bytes, { absent: true })
  } catch (error) {
    if (!(error instanceof StoreError) || error.reason !== 'exists') throw error
  }
  const there = await bytesOf(to, path)
  if (!there.equals(bytes))
    throw new QuaysideError(`${to.name}: ${path} was written, and reads back as something else`, {
      hint: 'the second store is not to be trusted',
    })
}

async function refuseAnother(to: Store, env: string, id: string, bytes: Buffer): Promise<void> {
  const path = layout.manifest(env, id)
  if ((await to.stat(path)) === undefined) return
  if ((await bytesOf(to, path)).equals(bytes)) return
  throw new QuaysideError(`${to.name} has another backup by the name of ${id}: its manifest differs`, {
    hint: 'one of the two was altered; look at both before one is removed',
  })
}

/** What drills have found so far: by it the second store's own retention knows what is proven. */
async function copyEvidence(id: string, { from, to, env, signal }: CopyOptions): Promise<void> {
  for await (const { key, size } of from.list(`${layout.backup(env, id)}drills/`)) {
    signal.throwIfAborted()
    if ((await to.stat(key))?.size === size) continue
    await to.put(key, await from.get(key, { signal }), { signal })
  }
}
