import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, expect, test } from 'vitest'
import { storeOf } from '../../../lib/backup/store/index.ts'
import { refused, storeContract, streamed } from '../../backup/store-contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'quayside-store-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const openAt = (path: string) => storeOf({ directory: path }, { dir: folder })

storeContract('a directory', async () => ({
  store: await openAt('contract'),
  end: async () => expect(readdirSync(join(folder, 'contract'))).toEqual([]),
}))

test('what is written is its owner’s alone', async () => {
  const store = await openAt('private')
  await store.put('a/b/c', Buffer.from('x'))
  const modes = ['', 'a', 'a/b', 'a/b/c'].map((each) => statSync(join(folder, 'private', each)).mode & 0o777)
  expect(modes).toEqual([0o700, 0o700, 0o700, 0o600])
})

test('a put that died is swept, one that is under way is not, and neither is listed', async () => {
  const store = await openAt('swept')
  await store.put('a/b', Buffer.from('x'))
  const old = join(folder, 'swept', 'a', '.part-0123')
  writeFileSync(old, 'half')
  utimesSync(old, new Date('2026-01-01'), new Date('2026-01-01'))
  writeFileSync(join(folder, 'swept', 'a', '.part-4567'), 'growing')
  const keys: string[] = []
  for await (const { key } of store.list('')) keys.push(key)
  expect(keys).toEqual(['a/b'])
  expect(await store.sweep('b', new Date('2026-02-01'))).toBe(0)
  expect(await store.sweep('', new Date('2026-02-01'))).toBe(1)
  expect(readdirSync(join(folder, 'swept', 'a')).sort()).toEqual(['.part-4567', 'b'])
})

test('an object that is cut while it is read', async () => {
  const store = await openAt('cut')
  await store.put('a', streamed(randomBytes(9_000_000)))
  const stream = await store.get('a')
  truncateSync(join(folder, 'cut', 'a'), 1_000_000)
  expect(await refused(buffer(stream))).toBe('cut')
})

test('what a folder cannot do is said', async () => {
  writeFileSync(join(folder, 'file'), '')
  const [finding] = await (await openAt('file')).examine()
  expect(finding).toMatchObject({ ok: false, text: expect.stringContaining('is no folder') })
})

// /dev/full does not do: a file system of its own is needed, so who may not mount is not asked.
const small = join(folder, 'small')
const mounted = (() => {
  spawnSync('mkdir', [small])
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', small]).status === 0
})()
afterAll(() => {
  if (mounted) spawnSync('umount', [small])
})

test.runIf(mounted)('a full disk is said to be one, and nothing is left', async () => {
  const store = await openAt('small')
  expect(await refused(store.put('a/b', streamed(randomBytes(9_000_000))))).toBe('full')
  expect(readdirSync(small)).toEqual([])
  await store.put('a/b', Buffer.from('x'))
  spawnSync('mount', ['-o', 'remount,ro', small])
  expect(await refused(store.put('a/c', Buffer.from('x')))).toBe('denied')
  const findings = await store.examine()
  expect(findings.find((each) => !each.ok)?.text).toMatch(/does not take an object: .*read-only/)
})

test.runIf(process.getuid?.() !== 0)('a folder of somebody else', async () => {
  const store = await openAt('closed')
  await store.put('a', Buffer.from('x'))
  chmodSync(join(folder, 'closed'), 0o500)
  expect(await refused(store.put('b', Buffer.from('x')))).toBe('denied')
  chmodSync(join(folder, 'closed'), 0o700)
})

test('a large object takes no memory', async () => {
  const store = await openAt('large')
  const chunk = randomBytes(1 << 20)
  let most = 0
  const body = Readable.from(
    (async function* () {
      for (let left = 300; left > 0; left -= 1) {
        most = Math.max(most, process.memoryUsage().rss)
        yield chunk
      }
    })(),
    { objectMode: false },
  )
  const before = process.memoryUsage().rss
  const { size } = await store.put('large', body)
  expect(size).toBe(300 << 20)
  console.log(`300 MiB put: ${Math.round((most - before) / (1 << 20))} MiB more memory at most`)
  expect(most - before).toBeLessThan(100 << 20)
})
