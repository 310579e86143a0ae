import { messageOf } from '../../error.ts'
import type { Secret } from '../../secret/index.ts'
import { lockOf } from '../held.ts'
import { layout, timeOf } from '../layout.ts'
import { unfinishedMs } from '../retention.ts'
import type { Store, Stored } from '../store/index.ts'
import { removeBelow } from '../sweep.ts'
import { readArchives } from '../wal/archive.ts'
import { type Base, baseFolder, readBase } from './base.ts'
import { type BaseVerdict, type HeldBase, judgeBases, needlessLog } from './retention.ts'

export interface BasePruneOptions {
  /** how many base backups stay; undefined: all of them, and all of the log */
  readonly keep: number | undefined
  /** backup_signing_key: without it nobody knows whose base backups these are */
  readonly key: Secret | undefined
  /** for how long the store lets nobody remove an object */
  readonly lockDays?: number | undefined
  readonly now: Date
}

/** What is to become of base backups and the log. */
export interface BasesForeseen {
  /** newest first */
  readonly verdicts: readonly BaseVerdict[]
  /** ids of those that were begun a day ago or earlier, and never finished */
  readonly unfinished: readonly string[]
  /** of the log: what none of those that stay needs */
  readonly log: readonly Stored[]
  /** why nothing at all goes */
  readonly doubt?: string
}

/** Judges base backups and the log. Changes nothing. */
export async function foreseeBases(
  store: Store,
  env: string,
  options: BasePruneOptions,
): Promise<BasesForeseen> {
  const { keep, now } = options
  const folders = await foldersOf(store, env)
  const none = { verdicts: [], unfinished: [], log: [] }
  try {
    const held = await heldBases(store, env, folders, options)
    const verdicts = judgeBases(held, keep)
    const kept = verdicts.filter(({ reasons }) => reasons.length > 0).map((each) => each.held.base)
    const unfinished = [...folders.keys()].filter(
      (id) => !isFinished(folders, env, id) && now.getTime() - (timeOf(id)?.getTime() ?? 0) > unfinishedMs,
    )
    return { verdicts, unfinished, log: await looseLog(store, env, kept, options) }
  } catch (error) {
    // One that cannot be read may be the one that needs the oldest of the log.
    if (!(error instanceof Doubt)) throw error
    return { ...none, doubt: error.message }
  }
}

export interface BasesPruned {
  readonly bases: readonly string[]
  /** files of the log */
  readonly files: number
}

/**
 * Removes those of `ids` that still are to go, then the log that none of those left needs: as of now, since somebody may
 * have taken time to answer. A base backup's base.json goes first: what is half removed is none any more.
 */
export async function pruneBases(
  store: Store,
  env: string,
  ids: readonly string[],
  options: BasePruneOptions & { readonly signal: AbortSignal; readonly removing?: (what: string) => void },
): Promise<BasesPruned> {
  const { signal, removing = () => {} } = options
  const { verdicts, unfinished, doubt } = await foreseeBases(store, env, options)
  if (doubt !== undefined) return { bases: [], files: 0 }
  const going = verdicts.filter(({ reasons }) => reasons.length === 0).map(({ held }) => held.base.id)
  const removed: string[] = []
  for (const id of [...going, ...unfinished].filter((each) => ids.includes(each))) {
    signal.throwIfAborted()
    removing(`base backup ${id}`)
    await store.remove([`${baseFolder(env, id)}base.json`])
    await removeBelow(store, baseFolder(env, id))
    removed.push(id)
  }
  // Whoever is still there needs its log, whatever was to become of it.
  const left = await heldBases(store, env, await foldersOf(store, env), options)
  const log = await looseLog(
    store,
    env,
    left.map(({ base }) => base),
    options,
  )
  if (log.length > 0) removing(`${log.length} files of the log`)
  for (let at = 0; at < log.length; at += 1000) {
    signal.throwIfAborted()
    await store.remove(log.slice(at, at + 1000).map(({ key }) => key))
  }
  return { bases: removed, files: log.length }
}

/** A base backup of which nobody knows what it needs. */
class Doubt extends Error {}

async function foldersOf(store: Store, env: string): Promise<ReadonlyMap<string, readonly Stored[]>> {
  const prefix = layout.base(env)
  const folders = new Map<string, Stored[]>()
  for await (const object of store.list(prefix)) {
    const [id = ''] = object.key.slice(prefix.length).split('/', 1)
    if (timeOf(id) !== undefined) folders.set(id, [...(folders.get(id) ?? []), object])
  }
  return folders
}

function isFinished(folders: ReadonlyMap<string, readonly Stored[]>, env: string, id: string): boolean {
  return folders.get(id)?.some(({ key }) => key === `${baseFolder(env, id)}base.json`) ?? false
}

async function heldBases(
  store: Store,
  env: string,
  folders: ReadonlyMap<string, readonly Stored[]>,
  options: BasePruneOptions,
): Promise<readonly HeldBase[]> {
  const { key } = options
  const found: HeldBase[] = []
  for (const [id, objects] of folders) {
    if (!isFinished(folders, env, id)) continue
    if (key === undefined) throw new Doubt('backup_signing_key is not set')
    const base: Base = await readBase(store, env, id, key).catch((error: unknown) => {
      throw new Doubt(`base backup ${id}: ${messageOf(error)}`)
    })
    const held = lockOf(objects, options)
    const bytes = objects.reduce((sum, { size }) => sum + size, 0)
    found.push({ base, bytes, ...(held === undefined ? {} : { held }) })
  }
  return found
}

/** Of the log: what none of those base backups needs, and no lock keeps; in the order of keys, which is that of the log. */
async function looseLog(
  store: Store,
  env: string,
  kept: readonly Base[],
  options: BasePruneOptions,
): Promise<readonly Stored[]> {
  if (options.keep === undefined) return []
  return needlessLog(await readArchives(store, env), kept)
    .filter((each) => lockOf([each], options) === undefined)
    .sort((a, b) => (a.key < b.key ? -1 : 1))
}
