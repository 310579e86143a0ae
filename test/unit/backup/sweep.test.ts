import { expect, test } from 'vitest'
import type { Place } from '../../../lib/backup/place.ts'
import { sweepIncomplete, sweepIncompleteBases } from '../../../lib/backup/sweep.ts'
import { memoryStore } from '../../memory-store.ts'

const old = '20261101T020000Z-aaaaaa'
const fresh = `${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}-bbbbbb`

/** A store with these keys, and what sweeping tells. */
async function swept(
  sweep: typeof sweepIncomplete,
  keys: readonly string[],
  remove?: () => Promise<never>,
): Promise<{ ids: readonly string[]; left: readonly string[]; notes: readonly string[] }> {
  const store = memoryStore()
  for (const key of keys) await store.put(key, Buffer.from('x'))
  const notes: string[] = []
  const place = {
    store: remove === undefined ? store : { ...store, remove },
    plan: { env: 'lab' },
    emit: (event: { type: string; text: string }) => void notes.push(event.text),
  } as unknown as Place
  return { ids: await sweep(place), left: [...store.objects.keys()].sort(), notes }
}

test.each([
  ['backups', sweepIncomplete, 'lab/backups', 'manifest.json'],
  ['base backups', sweepIncompleteBases, 'lab/base', 'base.json'],
] as const)('of %s what is unfinished and old goes, and nothing else', async (_, sweep, folder, seal) => {
  const stays = [
    `${folder}/${fresh}/part`,
    `${folder}/20261101T020000Z-cccccc/part`,
    `${folder}/20261101T020000Z-cccccc/${seal}`,
    `${folder}/somebody-elses/part`,
    'production/base/20261101T020000Z-aaaaaa/part',
    'production/backups/20261101T020000Z-aaaaaa/part',
  ]
  const { ids, left, notes } = await swept(sweep, [`${folder}/${old}/part`, ...stays])
  expect(ids).toEqual([old])
  expect(left).toEqual([...stays].sort())
  expect(notes).toEqual([])
})

test.each([
  ['backups', sweepIncomplete, 'lab/backups'],
  ['base backups', sweepIncompleteBases, 'lab/base'],
] as const)(
  'a store that keeps what is left of %s is told of, and fails nothing',
  async (_, sweep, folder) => {
    const key = `${folder}/${old}/part`
    const { ids, left, notes } = await swept(sweep, [key], () => Promise.reject(new Error('it is locked')))
    expect(ids).toEqual([])
    expect(left).toEqual([key])
    expect(notes).toEqual(['what interrupted runs left could not be removed: it is locked'])
  },
)
