import type { Secret } from '../secret/index.ts'
import { newestVerdict } from './evidence.ts'
import { layout, timeOf } from './layout.ts'
import type { Held } from './retention.ts'
import type { Store, Stored } from './store/store.ts'

/** A backup as a store has it. */
export interface HeldBackup extends Held {
  /** of everything below its folder, evidence too */
  readonly bytes: number
  /** what its newest drill found, and when that ended; undefined where none did, or its evidence cannot be trusted */
  readonly drill: { readonly at: Date; readonly passed: boolean } | undefined
}

export interface HeldOptions {
  /** by which evidence is checked; undefined: evidence counts by its own key */
  readonly key: Secret | undefined
  /** for how long the store lets nobody remove an object */
  readonly lockDays?: number | undefined
  readonly now: Date
}

const dayMs = 86_400_000

/** All backups of an environment, begun and finished ones, by one listing and a look at the newest evidence of each. */
export async function heldBackups(
  store: Store,
  env: string,
  options: HeldOptions,
): Promise<readonly HeldBackup[]> {
  const prefix = layout.backups(env)
  const folders = new Map<string, Stored[]>()
  for await (const object of store.list(prefix)) {
    const id = object.key.slice(prefix.length).split('/', 1)[0] ?? ''
    const folder = folders.get(id)
    if (folder === undefined) folders.set(id, [object])
    else folder.push(object)
  }
  const found: HeldBackup[] = []
  for (const [id, objects] of folders) {
    const at = timeOf(id)
    if (at === undefined) continue // no backup's name: not ours
    const keys = objects.map(({ key }) => key)
    const verdict = await newestVerdict(store, keys, { env, id, key: options.key })
    const drill = verdict === undefined ? undefined : { at: new Date(verdict.finishedAt), passed: verdict.ok }
    const held = lockOf(objects, options)
    found.push({
      id,
      at,
      complete: objects.some(({ key }) => key === layout.manifest(env, id)),
      verified: drill?.passed === true,
      drill,
      bytes: objects.reduce((sum, { size }) => sum + size, 0),
      ...(held === undefined ? {} : { held }),
    })
  }
  return found
}

/** Whoever locked a bucket for so many days means every object in it. */
export function lockOf(
  objects: readonly Stored[],
  { lockDays, now }: Pick<HeldOptions, 'lockDays' | 'now'>,
): string | undefined {
  if (lockDays === undefined) return undefined
  const until = Math.max(...objects.map((each) => each.modified.getTime())) + lockDays * dayMs
  if (until <= now.getTime()) return undefined
  return `locked until ${new Date(until).toISOString().slice(0, 10)}`
}
