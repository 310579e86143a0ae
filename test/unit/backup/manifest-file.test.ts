import { expect, test } from 'vitest'
import { layout } from '../../../lib/backup/layout.ts'
import type { Manifest } from '../../../lib/backup/manifest.ts'
import {
  chooseBackup,
  listBackups,
  ManifestError,
  manifestOf,
  readManifest,
  writeManifest,
} from '../../../lib/backup/manifest-file.ts'
import { signed } from '../../../lib/backup/signature.ts'
import { StoreError } from '../../../lib/backup/store/store.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { memoryStore } from '../../memory-store.ts'

const key = new Secret('a signing key for tests alone')
const other = new Secret('another signing key for tests')
const id = '20261125T101500Z-3f9a1c'
const manifest: Manifest = {
  version: 1,
  id,
  env: 'lab',
  takenAt: '2026-11-25T10:15:00Z',
  finishedAt: '2026-11-25T10:15:09Z',
  by: 'anna@laptop',
  tools: { quayside: '0.1.0' },
  recipients: ['age1abc'],
  volumes: [],
}
const text = (payload: unknown, by = key) => JSON.stringify(signed('manifest', payload, by))

test('what was written is read, with the key and without', async () => {
  const store = memoryStore()
  await writeManifest(store, manifest, key)
  expect(await readManifest(store, 'lab', id, key)).toEqual(manifest)
  expect(await readManifest(store, 'lab', id, undefined)).toEqual(manifest)
})

const bad: readonly (readonly [string, string, ManifestError['reason'], RegExp])[] = [
  ['no JSON', '{"payload":', 'not-json', /no JSON/],
  ['JSON of something else', '[1]', 'signature', /no signed manifest/],
  ['a newer form', text({ ...manifest, version: 3 }), 'newer', /version 3 .* up to 2/],
  ['another key', text(manifest, other), 'signature', /another key/],
  ['a word altered', text(manifest).replace('anna@', 'eve@'), 'signature', /altered/],
  ['too little', text({ version: 1, id, env: 'lab' }), 'schema', /takenAt/],
  ['an unknown field', text({ ...manifest, more: 1 }), 'schema', /additional/],
  ['that of another backup', text({ ...manifest, id: '20261125T101500Z-000000' }), 'swapped', /000000/],
  ['that of another environment', text({ ...manifest, env: 'production' }), 'swapped', /production/],
  ['evidence', JSON.stringify(signed('evidence', manifest, key)), 'signature', /altered/],
]

test.each(bad)('%s is refused', (_, given, reason, words) => {
  const read = () => manifestOf(given, { env: 'lab', id, key })
  expect(read).toThrow(words)
  try {
    read()
  } catch (error) {
    expect(error instanceof ManifestError && error.reason).toBe(reason)
    expect(error instanceof ManifestError && error.hint).toBeTruthy()
  }
})

test('a backup without a manifest is none', async () => {
  await expect(readManifest(memoryStore(), 'lab', id, key)).rejects.toMatchObject({ reason: 'missing' })
})

test('a manifest is never written over another, but its own is no other', async () => {
  const store = memoryStore()
  await writeManifest(store, manifest, key)
  await writeManifest(store, manifest, key)
  await expect(writeManifest(store, { ...manifest, by: 'eve@x' }, key)).rejects.toThrow(/another run/)
  expect((await readManifest(store, 'lab', id, key)).by).toBe('anna@laptop')
})

test('a store that keeps something else is found out', async () => {
  const store = memoryStore()
  const lying = { ...store, put: (path: string) => store.put(path, Buffer.from('{}')) }
  await expect(writeManifest(lying, manifest, key)).rejects.toThrow(/reads back as something else/)
})

test('a short signing key is refused', async () => {
  await expect(writeManifest(memoryStore(), manifest, new Secret('short'))).rejects.toMatchObject({
    exitCode: 2,
  })
})

const ids = ['20261125T101500Z-3f9a1c', '20261125T101500Z-3faaaa', '20261124T000000Z-111111']

async function filled() {
  const store = memoryStore()
  for (const each of ids) await writeManifest(store, { ...manifest, id: each }, key)
  await store.put(`${layout.backup('lab', '20261126T000000Z-222222')}redis.rdb.zst.age`, Buffer.from('x'))
  await store.put(`${layout.backups('lab')}readme/manifest.json`, Buffer.from('x'))
  await store.put(layout.manifest('production', '20261127T000000Z-333333'), Buffer.from('x'))
  return store
}

test('backups are listed, the newest first, with those that have no manifest', async () => {
  expect(await listBackups(await filled(), 'lab')).toEqual([
    { id: '20261126T000000Z-222222', complete: false, at: new Date('2026-11-26T00:00:00Z') },
    { id: ids[1], complete: true, at: new Date('2026-11-25T10:15:00Z') },
    { id: ids[0], complete: true, at: new Date('2026-11-25T10:15:00Z') },
    { id: ids[2], complete: true, at: new Date('2026-11-24T00:00:00Z') },
  ])
})

test.each([
  [undefined, ids[1]],
  ['newest', ids[1]],
  ['20261124', ids[2]],
  [ids[0], ids[0]],
])('%s means %s', async (wanted, meant) => {
  expect(await chooseBackup(await filled(), 'lab', wanted)).toBe(meant)
})

test.each([
  ['20261125', /begins 2 backups/],
  ['20261126', /incomplete/],
  ['x', /no backup "x"/],
])('%s is refused', async (wanted, words) => {
  await expect(chooseBackup(await filled(), 'lab', wanted)).rejects.toThrow(words)
})

test('where there is no backup, that is said', async () => {
  await expect(chooseBackup(memoryStore(), 'lab', undefined)).rejects.toThrow(/no complete backup of lab/)
})

test('a store that cannot be read is not taken for an empty one', async () => {
  const denied = new StoreError('denied', { reason: 'denied' })
  const store = { ...memoryStore(), get: () => Promise.reject(denied) }
  await expect(readManifest(store, 'lab', id, key)).rejects.toBe(denied)
})
