import { execFileSync, spawnSync } from 'node:child_process'
import { appendFileSync, chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Place } from '../../../lib/backup/place.ts'
import { ship } from '../../../lib/backup/ship.ts'
import { folderOf, takeVolume } from '../../../lib/backup/volume.ts'
import type { Connection } from '../../../lib/connection/index.ts'
import { openLocal } from '../../../lib/connection/local.ts'
import type { Event } from '../../../lib/engine/event.ts'
import type { Host } from '../../../lib/inventory/inventory.ts'
import { raw } from '../../../lib/script/index.ts'
import { newKey } from '../../../lib/secret/age/crypt.ts'
import { memoryStore } from '../../memory-store.ts'
import { targetLike } from '../../target.ts'

const tools = ['age', 'zstd', 'tar'].every((each) => spawnSync(each, ['--version']).error === undefined)
const scratch = mkdtempSync(join(tmpdir(), 'quayside-ship-'))
const host = { name: 'here' } as Host
let connection: Connection
let recipient = ''

beforeAll(async () => {
  connection = await openLocal(targetLike())
  const key = await newKey()
  recipient = key.recipient
  writeFileSync(join(scratch, 'key'), key.identity, { mode: 0o600 })
})
afterAll(async () => {
  await connection.close()
  rmSync(scratch, { recursive: true, force: true })
})

function faked() {
  const store = memoryStore()
  const events: Event[] = []
  const controller = new AbortController()
  const place = {
    store,
    emit: (event: Event) => void events.push(event),
    connection: async () => connection,
  } as unknown as Place
  const shipping = { place, folder: 'lab/backups/x/', recipients: [recipient], signal: controller.signal }
  const notes = () => events.flatMap((each) => (each.type === 'note' ? [each.text] : []))
  return { store, shipping, notes, controller, place }
}

const opened = (bytes: Buffer) =>
  execFileSync('sh', ['-c', `age -d -i ${join(scratch, 'key')} | zstd -dqc`], {
    input: bytes,
    maxBuffer: 1 << 28,
  })

test.skipIf(!tools)('what a host prints is sealed there, and opens to what it was', async () => {
  const { store, shipping } = faked()
  const { object } = await ship(shipping, { host, title: 'words', key: 'words', script: raw('seq 1 100000') })
  const bytes = store.objects.get('lab/backups/x/words') ?? Buffer.alloc(0)
  expect(object).toMatchObject({ key: 'words', size: bytes.length })
  expect(opened(bytes).toString()).toBe(execFileSync('seq', ['1', '100000']).toString())
})

test.skipIf(!tools)('what ends half-way is no object, and its words are told', async () => {
  const { store, shipping } = faked()
  const script = raw('seq 1 1000; echo no more paper >&2; exit 3')
  await expect(ship(shipping, { host, title: 'words', key: 'words', script })).rejects.toThrow(
    /here: words failed with code 3: .*no more paper/s,
  )
  expect([...store.objects]).toEqual([])
})

test.skipIf(!tools)('a store that fails ends what runs on the host', async () => {
  const { shipping, place } = faked()
  const failing = { ...place.store, put: () => Promise.reject(new Error('the store is full')) }
  const mark = `${process.pid}77`
  const given = { ...shipping, place: { ...place, store: failing } }
  const cargo = { host, title: 'words', key: 'words', script: raw(`exec sleep ${mark}`) }
  await expect(ship(given, cargo)).rejects.toThrow('the store is full')
  expect(spawnSync('pgrep', ['-f', `sleep ${mark}`]).status).toBe(1)
})

test.skipIf(!tools)('an interruption ends what runs on the host', async () => {
  const { shipping, controller } = faked()
  const mark = `${process.pid}88`
  const cargo = { host, title: 'words', key: 'words', script: raw(`exec sleep ${mark}`) }
  const running = ship(shipping, cargo)
  setTimeout(() => controller.abort(new Error('interrupted')), 300)
  await expect(running).rejects.toThrow('interrupted')
  expect(spawnSync('pgrep', ['-f', `sleep ${mark}`]).status).toBe(1)
})

test.skipIf(!tools)('a file that grows while it is read is a note, and the others are well', async () => {
  const { store, shipping, notes, place } = faked()
  const folder = mkdtempSync(join(scratch, 'volume-'))
  writeFileSync(join(folder, 'grows'), Buffer.alloc(60_000_000, 1))
  writeFileSync(join(folder, 'still'), 'as it was')
  chmodSync(join(folder, 'still'), 0o640)
  const growing = setInterval(() => appendFileSync(join(folder, 'grows'), 'more'), 1)
  const source = { host, kind: 'path', name: folder } as const
  try {
    await takeVolume(shipping, source, await folderOf(place, source))
  } finally {
    clearInterval(growing)
  }
  expect(notes().join('\n')).toContain('grows: file changed as we read it')
  const [bytes = Buffer.alloc(0)] = store.objects.values()
  const out = mkdtempSync(join(scratch, 'out-'))
  execFileSync('tar', ['-x', '-C', out], { input: opened(bytes) })
  expect(statSync(join(out, 'still')).mode & 0o777).toBe(0o640)
})

test('a folder that is not there is told before anything is taken', async () => {
  const { place } = faked()
  await expect(folderOf(place, { host, kind: 'path', name: '/nowhere at all' })).rejects.toThrow(
    'here: path /nowhere at all cannot be backed up: no such folder',
  )
})
