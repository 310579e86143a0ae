import { messageOf } from '../error.ts'
import { layout } from './layout.ts'
import { listBackups } from './manifest-file.ts'
import type { Place } from './place.ts'

const dayMs = 24 * 3600_000

/** Whether an interrupted backup of that time may still be taken up. */
export function isFresh(at: Date, now: Date = new Date()): boolean {
  return now.getTime() - at.getTime() < dayMs
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
