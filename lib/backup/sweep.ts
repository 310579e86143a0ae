import { messageOf } from '../error.ts'
import { baseFolder, listBases } from './base/base.ts'
import { layout, timeOf } from './layout.ts'
import { listBackups } from './manifest-file.ts'
import type { Place } from './place.ts'

const dayMs = 24 * 3600_000

/** Whether an interrupted backup of that time may still be taken up. */
export function isFresh(at: Date, now: Date = new Date()): boolean {
  return now.getTime() - at.getTime() < dayMs
}

/** Removes what `backup.ts base` left when it was killed more than a day ago: tars without base.json, and half-done uploads. */
export async function sweepIncompleteBases({ store, plan, emit }: Place): Promise<readonly string[]> {
  const prefix = layout.base(plan.env)
  const swept: string[] = []
  try {
    const finished = new Set(await listBases(store, plan.env))
    const begun = new Set<string>()
    for await (const { key } of store.list(prefix)) begun.add(key.slice(prefix.length).split('/', 1)[0] ?? '')
    for (const id of begun) {
      const at = timeOf(id)
      if (at === undefined || finished.has(id) || isFresh(at)) continue
      await removeBelow(store, baseFolder(plan.env, id))
      swept.push(id)
    }
    await store.sweep(prefix, new Date(Date.now() - dayMs))
  } catch (error) {
    emit({ type: 'note', text: `what interrupted runs left could not be removed: ${messageOf(error)}` })
  }
  return swept
}

/** Removes what interrupted runs left more than a day ago. A store that keeps it (object lock) is told of, and no failure. */
export async function sweepIncomplete({ store, plan, emit }: Place): Promise<readonly string[]> {
  const swept: string[] = []
  try {
    for (const { id, complete, at } of await listBackups(store, plan.env)) {
      if (complete || isFresh(at)) continue
      await removeBelow(store, layout.backup(plan.env, id))
      swept.push(id)
    }
    await store.sweep(layout.backups(plan.env), new Date(Date.now() - dayMs))
  } catch (error) {
    emit({
      type: 'note',
      text: `what interrupted runs left could not be removed: ${messageOf(error)}`,
    })
  }
  return swept
}

/** Removes all keys that begin so, but those that are to stay. */
export async function removeBelow(
  store: Place['store'],
  prefix: string,
  stays: ReadonlySet<string> = new Set(),
): Promise<void> {
  const keys: string[] = []
  for await (const { key } of store.list(prefix)) if (!stays.has(key)) keys.push(key)
  if (keys.length > 0) await store.remove(keys)
}
