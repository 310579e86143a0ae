import { expect, test } from 'vitest'
import { lastDrill } from '../../../lib/backup/evidence.ts'
import { heldBackups } from '../../../lib/backup/held.ts'
import { layout } from '../../../lib/backup/layout.ts'
import { foreseePrune, prune } from '../../../lib/backup/prune.ts'
import { StoreError } from '../../../lib/backup/store/store.ts'
import { memoryStore } from '../../memory-store.ts'
import { idOf, key, put, putDrill, stranger } from './stored-backup.ts'

const now = new Date('2026-11-25T12:00:00Z')
const options = { key, now, keep: { last: 1 }, signal: new AbortController().signal }
const [today, before, earlier, oldest] = ['2026-11-25', '2026-11-24', '2026-11-23', '2026-11-22'].map((day) =>
  idOf(day),
) as [string, string, string, string]

async function fourNights() {
  const store = memoryStore()
  for (const id of [oldest, earlier, before, today]) await put(store, id, { uploads: 'some bytes' })
  return store
}

const idsIn = (store: ReturnType<typeof memoryStore>) => [
  ...new Set([...store.objects.keys()].map((path) => path.split('/')[2])),
]

test('what a store holds: whole and unfinished backups, their sizes, and what drills found', async () => {
  const store = await fourNights()
  await store.remove([layout.manifest('lab', earlier)])
  await putDrill(store, oldest, '20261124T030000Z-bbbbbb', { ok: false })
  await putDrill(store, oldest, '20261125T030000Z-aaaaaa', { ok: true })
  await store.put('lab/backups/notes.txt', Buffer.from('not ours'))
  const held = await heldBackups(store, 'lab', { key, now })
  expect(held.map(({ id, complete, verified }) => [id, complete, verified])).toEqual([
    [oldest, true, true],
    [earlier, false, false],
    [before, true, false],
    [today, true, false],
  ])
  expect(held[1]?.bytes).toBe('some bytes'.length)
})

const drills: readonly (readonly [string, Record<string, unknown>, typeof key, boolean])[] = [
  ['that passed', { ok: true }, key, true],
  ['that failed', { ok: false }, key, false],
  ['of another backup', { ok: true, backup: today }, key, false],
  ['of another environment', { ok: true, env: 'production' }, key, false],
  ['signed by somebody else', { ok: true }, stranger, false],
  ['of no time', { ok: true, finishedAt: 'soon' }, key, false],
]
test.each(drills)('evidence of a drill %s counts so: %o', async (name, says, by, counts) => {
  const store = await fourNights()
  await putDrill(store, oldest, '20261125T030000Z-aaaaaa', says, by)
  const verdicts = await foreseePrune(store, 'lab', options)
  expect(verdicts.at(-1)?.reasons).toEqual(counts ? ['newest that a drill restored'] : [])
  // and as `list` and `show` tell it
  const told = await lastDrill(store, 'lab', oldest, key)
  expect(told?.ok === true).toBe(counts)
  if (name !== 'that failed') expect(told !== undefined).toBe(counts)
})

test('a newer drill that failed takes back what an older one proved', async () => {
  const store = await fourNights()
  await putDrill(store, oldest, '20261124T030000Z-aaaaaa', { ok: true })
  await putDrill(store, oldest, '20261125T030000Z-aaaaaa', { ok: false })
  expect((await foreseePrune(store, 'lab', options)).at(-1)?.reasons).toEqual([])
})

test('evidence that is no JSON proves nothing, and breaks nothing', async () => {
  const store = await fourNights()
  await store.put(layout.evidence('lab', oldest, '20261125T030000Z-aaaaaa', 'json'), Buffer.from('{"pay'))
  expect((await foreseePrune(store, 'lab', options)).at(-1)?.reasons).toEqual([])
})

test('a bucket that locks for days keeps what is younger', async () => {
  const store = await fourNights() // put just now
  const verdicts = await foreseePrune(store, 'lab', { ...options, now: new Date(), lockDays: 30 })
  for (const { reasons } of verdicts.slice(1))
    expect(reasons).toEqual([expect.stringMatching(/^locked until /)])
})

test('nothing is left of what goes, and nothing else is touched', async () => {
  const store = await fourNights()
  await putDrill(store, oldest, '20261125T030000Z-aaaaaa', { ok: false })
  await store.put('lab/wal/000000010000000000000001', Buffer.from('log'))
  await store.put(layout.manifest('production', oldest), Buffer.from('theirs'))
  const removing: string[] = []
  const done = await prune(store, 'lab', [before, oldest], {
    ...options,
    removing: (id) => removing.push(id),
  })
  expect(done).toEqual({ removed: [before, oldest], failed: [], swept: 0 })
  expect(removing).toEqual([before, oldest])
  expect(idsIn(store)).toEqual([earlier, today, '000000010000000000000001', oldest])
})

test('what was to go and has become the newest while somebody was asked stays', async () => {
  const store = await fourNights()
  await store.remove([layout.manifest('lab', today)])
  expect((await prune(store, 'lab', [before, earlier], options)).removed).toEqual([earlier])
})

test('the manifest goes first: half removed is no backup, and the next time the rest goes', async () => {
  const store = await fourNights()
  const { remove } = store
  let calls = 0
  store.remove = (keys) => {
    calls += 1
    if (calls === 2) throw new StoreError('memory is away', { reason: 'unreachable' })
    return remove(keys)
  }
  const first = await prune(store, 'lab', [before], options)
  expect(first.failed).toEqual([{ id: before, error: expect.objectContaining({ reason: 'unreachable' }) }])
  expect([...store.objects.keys()].filter((path) => path.includes(before))).toEqual([
    `lab/backups/${before}/volumes/uploads.zst.age`,
  ])
  const later = { ...options, now: new Date('2026-11-26T12:00:00Z') }
  expect((await prune(store, 'lab', [before], later)).removed).toEqual([before])
  expect([...store.objects.keys()].filter((path) => path.includes(before))).toEqual([])
})

test('one that cannot be removed does not keep the others', async () => {
  const store = await fourNights()
  const { remove } = store
  store.remove = (keys) => {
    if (keys.some((path) => path.includes(before))) throw new StoreError('locked', { reason: 'locked' })
    return remove(keys)
  }
  const done = await prune(store, 'lab', [before, earlier], options)
  expect(done.failed.map(({ id }) => id)).toEqual([before])
  expect(done.removed).toEqual([earlier])
})
