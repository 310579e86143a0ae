import type { Secret } from '../secret/index.ts'
import { layout, timeOf } from './layout.ts'
import type { Held } from './retention.ts'
import { verified } from './signature.ts'
import { bytesOf } from './store/bytes.ts'
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
    const drill = await newestDrill(store, env, id, objects, options.key)
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

/** What the newest evidence says that is signed by us and of this backup. Names of drills sort by time. */
async function newestDrill(
  store: Store,
  env: string,
  id: string,
  objects: readonly Stored[],
  key: Secret | undefined,
): Promise<HeldBackup['drill']> {
  const folder = `${layout.backup(env, id)}drills/`
  const evidence = objects
    .map((each) => each.key)
    .filter((each) => each.startsWith(folder) && each.endsWith('.json'))
    .sort()
    .reverse()
  for (const each of evidence) {
    const drill = drillOf((await bytesOf(store, each)).toString('utf8'), { env, id, key })
    if (drill !== undefined) return drill
  }
  return undefined
}

/** What a document says as evidence of that backup; undefined where it is none, or not by us. */
function drillOf(
  text: string,
  { env, id, key }: { readonly env: string; readonly id: string; readonly key: Secret | undefined },
): HeldBackup['drill'] {
  try {
    const payload = verified('evidence', JSON.parse(text), key)
    if (typeof payload !== 'object' || payload === null) return undefined
    const field = (name: string): unknown => Reflect.get(payload, name)
    if (field('env') !== env || field('backup') !== id) return undefined
    const at = new Date(String(field('finishedAt')))
    return Number.isNaN(at.getTime()) ? undefined : { at, passed: field('ok') === true }
  } catch {
    return undefined
  }
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
