import { layout, newId } from '../../../lib/backup/layout.ts'
import type { Manifest } from '../../../lib/backup/manifest.ts'
import { readManifest, writeManifest } from '../../../lib/backup/manifest-file.ts'
import type { Store } from '../../../lib/backup/store/store.ts'
import type { Secret } from '../../../lib/secret/index.ts'

/** Where a backup is, and what its manifest is signed with. */
export interface Original {
  readonly store: Store
  readonly env: string
  readonly id: string
  readonly key: Secret
}

/** What of a copy is not as it was. */
export interface Alteration {
  /** of its manifest, which is signed again with the same key, as if it had always been so */
  readonly manifest?: (manifest: Manifest) => Manifest
  /** an object's bytes by its key; undefined leaves it out */
  readonly object?: (key: string, bytes: Buffer, all: ReadonlyMap<string, Buffer>) => Buffer | undefined
  /** of the manifest's text, after it was signed */
  readonly text?: (text: string) => string
}

/** Copies a backup to a new name in the same store, altered; gives that name. */
export async function alteredCopy(original: Original, alteration: Alteration): Promise<string> {
  const { store, env, id, key } = original
  const { manifest: edit = (same) => same, object = (_, bytes) => bytes, text } = alteration
  const copy = newId()
  const folder = layout.backup(env, id)
  const all = new Map<string, Buffer>()
  for await (const each of store.list(folder)) {
    const name = each.key.slice(folder.length)
    if (name !== 'manifest.json' && !name.startsWith('drills/')) all.set(name, await bytesOf(store, each.key))
  }
  for (const [name, bytes] of all) {
    const altered = object(name, bytes, all)
    if (altered !== undefined) await store.put(`${layout.backup(env, copy)}${name}`, altered)
  }
  const manifest = await readManifest(store, env, id, key)
  await writeManifest(store, edit({ ...manifest, id: copy }), key)
  if (text !== undefined) {
    const path = layout.manifest(env, copy)
    const signed = (await bytesOf(store, path)).toString('utf8')
    await store.remove([path])
    await store.put(path, Buffer.from(text(signed)))
  }
  return copy
}

/** Removes what stands in a backup's folder. */
export async function removeBackup({ store, env }: Original, id: string): Promise<void> {
  const keys: string[] = []
  for await (const { key } of store.list(layout.backup(env, id))) keys.push(key)
  await store.remove(keys)
}

export async function bytesOf(store: Store, key: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of await store.get(key)) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
