import { type Base, baseFolder, writeBase } from '../../../lib/backup/base/base.ts'
import type { Store } from '../../../lib/backup/store/index.ts'
import { walKey } from '../../../lib/backup/wal/archive.ts'
import { nameOf } from '../../../lib/backup/wal/name.ts'
import { key } from './stored-backup.ts'

export const segmentBytes = 16 * 1024 * 1024

/** Puts a base backup of that id, taken on its day at two, which begins in the segment of that number. */
export async function putBase(
  store: Store,
  id: string,
  number: number,
  { env = 'lab', by = key, timeline = 1, system = '77', parent = '' } = {},
): Promise<void> {
  const day = `${id.slice(0, 4)}-${id.slice(4, 6)}-${id.slice(6, 8)}`
  const start = `0/${(number * segmentBytes + 40).toString(16).toUpperCase()}`
  await store.put(`${baseFolder(env, id)}base.tar.zst.age`, Buffer.from('base'))
  const base: Base = {
    version: parent === '' ? 1 : 3,
    id,
    env,
    host: 'db-1',
    by: 'anna@laptop',
    system,
    server: '15.4',
    timeline,
    segmentBytes,
    start,
    stop: start,
    startedAt: `${day}T02:00:00Z`,
    endedAt: `${day}T02:01:00Z`,
    bytes: 1000,
    ...(parent === '' ? {} : { parent, incrementBytes: 100 }),
    object: { key: 'base.tar.zst.age', size: 4, sha256: 'a'.repeat(64), ms: 1 },
  }
  await writeBase(store, base, by)
}

/** Puts segments of the log of these numbers. */
export async function putLog(
  store: Store,
  numbers: readonly number[],
  { env = 'lab', timeline = 1, system = '77' } = {},
): Promise<void> {
  for (const number of numbers)
    await store.put(walKey(env, system, nameOf({ timeline, number }, segmentBytes)), Buffer.from('log'))
}
