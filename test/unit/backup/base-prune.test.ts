import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Encrypter } from 'age-encryption'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Base, baseFolder, readBase } from '../../../lib/backup/base/base.ts'
import { chainOf } from '../../../lib/backup/base/chain.ts'
import { foreseeBases, pruneBases } from '../../../lib/backup/base/prune.ts'
import { roomFor } from '../../../lib/backup/pitr/recover.ts'
import { type Store, storeOf } from '../../../lib/backup/store/index.ts'
import { walKey } from '../../../lib/backup/wal/archive.ts'
import { nameOf } from '../../../lib/backup/wal/name.ts'
import { readSpans, type Span, walLines } from '../../../lib/backup/wal/status.ts'
import { newKey } from '../../../lib/secret/age/crypt.ts'
import type { Keys } from '../../../lib/secret/age/key.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { idOf, key, stranger } from './stored-backup.ts'
import { putBase, putLog, segmentBytes } from './stored-base.ts'

const env = 'lab'
const now = new Date('2026-11-26T12:00:00Z')
const options = { keep: 2, key, now, signal: new AbortController().signal }
const [first, second, third, fourth] = ['2026-11-02', '2026-11-09', '2026-11-16', '2026-11-23'].map((day) =>
  idOf(day),
) as [string, string, string, string]

let folder = ''
let store: Store
let keys: Keys
let recipient = ''

beforeAll(async () => {
  const made = await newKey()
  keys = { origin: 'the test', identities: [new Secret(made.identity)] }
  recipient = made.recipient
})
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quayside-bases-'))
  store = await storeOf({ directory: folder }, { dir: '/' })
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

const putFile = (name: string, text: string, system = '77') =>
  store.put(walKey(env, system, name), Buffer.from(text))

/** Files of the log that are left, without their folders. */
const logLeft = (system = '77') =>
  readdirSync(join(folder, env, 'wal', system), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.age'))
    .map((path) => path.replace(/^.*\//, '').replace(/(\.zst)?\.age$/, ''))
    .sort()

const basesLeft = () => readdirSync(join(folder, env, 'base')).sort()
const numbered = (numbers: readonly number[], timeline = 1) =>
  numbers.map((number) => nameOf({ timeline, number }, segmentBytes))
const spans = async (ids: readonly string[]) =>
  (await readSpans(store, env, keys, key)).filter(({ base }) => ids.includes(base))
const ids = (all: Awaited<ReturnType<typeof foreseeBases>>) =>
  all.verdicts.filter(({ reasons }) => reasons.length === 0).map(({ held }) => held.base.id)

async function fourWeeks(): Promise<void> {
  await putLog(store, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  for (const [index, id] of [first, second, third, fourth].entries()) await putBase(store, id, 2 + 2 * index)
  await putFile(`${nameOf({ timeline: 1, number: 2 }, segmentBytes)}.00000028.backup`, 'label')
  await putFile(`${nameOf({ timeline: 1, number: 6 }, segmentBytes)}.00000028.backup`, 'label')
}

test('what is foreseen is removed, and the spans of those that stay are as they were', async () => {
  await fourWeeks()
  await store.put(`${baseFolder(env, first)}drills/20261103T020000Z-aaaaaa.json`, Buffer.from('{}'))
  const before = await spans([third, fourth])
  const foreseen = await foreseeBases(store, env, options)
  expect(foreseen.verdicts.map(({ held, reasons }) => [held.base.id, reasons.join(', ')])).toEqual([
    [fourth, 'newest, base 1'],
    [third, 'base 2'],
    [second, ''],
    [first, ''],
  ])
  expect(foreseen.log).toHaveLength(6) // and the label of segment 2
  expect(basesLeft()).toHaveLength(4)
  const done = await pruneBases(store, env, ids(foreseen), options)
  expect(done).toEqual({ bases: [second, first], files: 6 })
  expect(basesLeft()).toEqual([third, fourth])
  expect(logLeft()).toEqual(
    [...numbered([6, 7, 8, 9, 10]), '000000010000000000000006.00000028.backup'].sort(),
  )
  expect(await spans([third, fourth])).toEqual(before)
  expect(before.map(({ segments, gaps }) => [segments, gaps])).toEqual([
    [3, []],
    [5, []],
  ])
  expect(ids(await foreseeBases(store, env, options))).toEqual([])
})

test('timelines: a base backup of a later one keeps the log from its start on, and every history', async () => {
  await putLog(store, [1, 2, 3, 4, 5, 6, 7])
  await putBase(store, first, 2)
  await putBase(store, second, 6)
  // A recovery went back to segment 4, and the server that came of it goes on from there.
  const encrypter = new Encrypter()
  encrypter.addRecipient(recipient)
  const history = await encrypter.encrypt('1\t0/4000100\tbefore 2026-11-12 00:00:00+00\n')
  await store.put(walKey(env, '77', '00000002.history'), history)
  await putLog(store, [4, 5, 6, 7, 8], { timeline: 2 })
  await putBase(store, third, 5, { timeline: 2 })
  const kept = [second, third]
  const before = await spans(kept)
  const done = await pruneBases(store, env, [first], options)
  expect(done.bases).toEqual([first])
  expect(logLeft()).toEqual(['00000002.history', ...numbered([5, 6, 7]), ...numbered([5, 6, 7, 8], 2)].sort())
  expect(await spans(kept)).toEqual(before)
  expect(before[0]?.segments).toBe(4)
})

const doubts: [string, () => Promise<unknown>, { key?: Secret | undefined }, RegExp][] = [
  ['is not signed by us', () => putBase(store, idOf('2026-10-26'), 1, { by: stranger }), {}, /another key/],
  [
    'cannot be read',
    () => store.put(`${baseFolder(env, idOf('2026-10-26'))}base.json`, Buffer.from('{"pay')),
    {},
    /base backup 20261026/,
  ],
  ['is signed by who knows whom', async () => {}, { key: undefined }, /backup_signing_key is not set/],
]
test.each(doubts)('nothing goes where one %s', async (_, spoil, more, said) => {
  await fourWeeks()
  await spoil()
  const [bases, log] = [basesLeft(), logLeft()]
  const foreseen = await foreseeBases(store, env, { ...options, ...more })
  expect(foreseen).toMatchObject({
    verdicts: [],
    log: [],
    unfinished: [],
    doubt: expect.stringMatching(said),
  })
  expect(await pruneBases(store, env, [first, second], { ...options, ...more })).toEqual({
    bases: [],
    files: 0,
  })
  expect([basesLeft(), logLeft()]).toEqual([bases, log])
})

test('the newest stays whatever is asked for, and one that nobody said yes to keeps its log', async () => {
  await fourWeeks()
  const done = await pruneBases(store, env, [first, third, fourth], { ...options, keep: 1 })
  expect(done.bases).toEqual([third, first])
  expect(basesLeft()).toEqual([second, fourth])
  expect(logLeft()[0]).toBe(nameOf({ timeline: 1, number: 4 }, segmentBytes))
})

test('what is incremental keeps what it is upon, with its log; without that it is of no use', async () => {
  await putLog(store, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  await putBase(store, first, 2)
  await putBase(store, second, 4)
  await putBase(store, third, 6, { parent: second })
  await putBase(store, fourth, 8, { parent: third })
  const foreseen = await foreseeBases(store, env, { ...options, keep: 1 })
  expect(foreseen.verdicts.map(({ reasons }) => reasons.join(', '))).toEqual([
    'newest, base 1',
    `${fourth} is incremental upon it`,
    `${third} is incremental upon it`,
    '',
  ])
  const done = await pruneBases(store, env, ids(foreseen), { ...options, keep: 1 })
  expect(done.bases).toEqual([first])
  expect(logLeft()[0]).toBe(nameOf({ timeline: 1, number: 4 }, segmentBytes))
  await store.remove([`${baseFolder(env, second)}base.json`])
  const [newest] = await readSpans(store, env, keys, key)
  expect(newest).toMatchObject({
    parent: third,
    broken: expect.stringContaining(`base backup ${fourth} needs ${second}`),
  })
  expect(walLines({ archiver: undefined, spans: [newest] as [Span] }, now).at(-1)).toMatch(
    /^base backup \S+ \(incremental upon \S+\): of no use, base backup/,
  )
})

test('a chain is read from the full one on; of another server, or in a circle, it is none', async () => {
  await putBase(store, first, 2)
  await putBase(store, second, 4, { parent: first })
  await putBase(store, third, 6, { parent: second })
  const read = (id: string) => readBase(store, env, id, key)
  const idsOf = async (id: string) => (await chainOf(await read(id), read)).map((each) => each.id)
  expect(await idsOf(third)).toEqual([first, second, third])
  expect(await idsOf(first)).toEqual([first])
  const newest = await read(third)
  await expect(chainOf({ ...newest, system: '78' }, read)).rejects.toThrow('of another server (77)')
  await expect(chainOf({ ...newest, parent: third }, read)).rejects.toThrow('it is not older')
})

test('room is for the parts and for what is put together from them', async () => {
  await putBase(store, first, 2)
  await putBase(store, second, 4, { parent: first })
  const [full, upon] = await Promise.all([first, second].map((id) => readBase(store, env, id, key)))
  expect(roomFor([full as Base])).toBe(1000)
  expect(roomFor([full as Base, upon as Base])).toBe(1000 + 100 + 1000)
})

test('without a count nothing goes, and without a base backup no log', async () => {
  await fourWeeks()
  expect((await foreseeBases(store, env, { ...options, keep: undefined })).log).toEqual([])
  expect(ids(await foreseeBases(store, env, { ...options, keep: undefined }))).toEqual([])
  for (const id of basesLeft()) await store.remove([`${baseFolder(env, id)}base.json`])
  const foreseen = await foreseeBases(store, env, options)
  expect([foreseen.log, foreseen.doubt]).toEqual([[], undefined])
})

test('what a killed run left of a base backup goes once it is a day old', async () => {
  await putBase(store, fourth, 2)
  const [old, young] = [idOf('2026-11-24'), idOf('2026-11-26')]
  for (const id of [old, young])
    await store.put(`${baseFolder(env, id)}base.tar.zst.age`, Buffer.from('half'))
  expect((await foreseeBases(store, env, options)).unfinished).toEqual([old])
  await pruneBases(store, env, [old], options)
  expect(basesLeft()).toEqual([fourth, young])
})

test('the log of a server that is gone goes once no base backup is older', async () => {
  await putLog(store, [1, 2], { system: '55' })
  await putLog(store, [1], { system: '66' })
  await putLog(store, [1, 2])
  await putBase(store, third, 2)
  const when = new Date('2026-11-10T00:00:00Z')
  for (const number of [1, 2])
    utimesSync(join(folder, walKey(env, '55', nameOf({ timeline: 1, number }, segmentBytes))), when, when)
  await pruneBases(store, env, [], options)
  expect(existsSync(join(folder, env, 'wal', '55'))).toBe(false)
  expect(logLeft('66')).toHaveLength(1) // stored today: a base backup of it may be under way
  expect(logLeft()).toEqual(numbered([2]))
})

test('what the bucket locks stays, with the log that it needs', async () => {
  await fourWeeks()
  const foreseen = await foreseeBases(store, env, { ...options, now: new Date(), lockDays: 30 })
  expect([ids(foreseen), foreseen.log]).toEqual([[], []])
})

test('base.json goes first: where the removal is cut off, it is no base backup any more', async () => {
  await fourWeeks()
  const { remove } = store
  let calls = 0
  const cut: Store = {
    ...store,
    list: (prefix) => store.list(prefix),
    get: (path, more) => store.get(path, more),
    remove: (paths) => {
      calls += 1
      if (calls === 2) throw new Error('the line is cut')
      return remove.call(store, paths)
    },
  }
  await expect(pruneBases(cut, env, [first, second], options)).rejects.toThrow('the line is cut')
  expect(readdirSync(join(folder, baseFolder(env, second)))).toEqual(['base.tar.zst.age'])
  expect(logLeft()).toHaveLength(12)
})

test('what is written into a base backup by hand is noticed', async () => {
  await fourWeeks()
  const path = join(folder, `${baseFolder(env, first)}base.json`)
  writeFileSync(path, readFileSync(path, 'utf8').replace('0/2000028', '0/9000028'))
  expect((await foreseeBases(store, env, options)).doubt).toMatch(/altered or damaged/)
})
