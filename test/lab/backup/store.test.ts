import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { bucketOf } from '../../../lib/backup/store/s3/client.ts'
import { s3Store } from '../../../lib/backup/store/s3/index.ts'
import type { Store, StoreError } from '../../../lib/backup/store/store.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { type FaultProxy, faultProxy } from '../../backup/fault-proxy.ts'
import { keysOf, refused, sha256, storeContract, streamed } from '../../backup/store-contract.ts'
import { cleared, endpoint, quick, settingsOf } from './s3-server.ts'

const fixture = fileURLToPath(new URL('large-object.ts', import.meta.url))
const nothing = { keys: [], uploads: 0 }

storeContract('a bucket', async () => {
  const settings = settingsOf()
  const store = await s3Store(settings)
  return {
    store,
    end: async () => {
      store.close()
      expect(await cleared(settings)).toEqual(nothing)
    },
  }
})

let proxy: FaultProxy
let store: Store
let settings: ReturnType<typeof settingsOf>
beforeAll(async () => {
  proxy = await faultProxy(endpoint)
  settings = settingsOf({ endpoint: proxy.endpoint })
  store = await s3Store(settings, { patience: quick })
})
afterEach(async () => {
  proxy.heal()
  expect(await cleared(settings)).toEqual(nothing)
  proxy.heal()
})
afterAll(async () => {
  store.close()
  await proxy.close()
})

const bytes = randomBytes(20_000_000)
const put = async (options = {}) => {
  const written = await store.put('a', streamed(bytes), options)
  expect(written).toEqual({ size: bytes.length, sha256: sha256(bytes) })
  expect(sha256(await buffer(await store.get('a')))).toBe(written.sha256)
  await store.remove(['a'])
}
const errorOf = (attempt: Promise<unknown>): Promise<StoreError> =>
  attempt.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: StoreError) => error,
  )

test.each([
  ['SlowDown', { kind: 'status', status: 503, code: 'SlowDown' }],
  ['an error of the server', { kind: 'status', status: 500, code: 'InternalError' }],
  ['a reset in the middle', { kind: 'reset', after: 3_000_000 }],
  ['an answer that never comes', { kind: 'lost' }],
  ['a stall', { kind: 'stall' }],
  ['a bit that flips on the way', { kind: 'flip' }],
] as const)('a part that meets %s is sent again', async (_, fault) => {
  proxy.fail('UploadPart', fault, { where: /partNumber=2/ })
  await put()
  expect(proxy.seen.filter((each) => each === 'UploadPart').length).toBeGreaterThanOrEqual(3)
})

test('every other request is sent again too', async () => {
  for (const each of ['CreateMultipartUpload', 'HeadObject', 'DeleteObjects', 'List'] as const)
    proxy.fail(each, { kind: 'status', status: 503, code: 'SlowDown' })
  await put({ absent: true })
  expect(await keysOf(store, '')).toEqual([])
})

test('an answer that is lost at the end is no failure', async () => {
  proxy.fail('CompleteMultipartUpload', { kind: 'lost' })
  await put({ absent: true })
  proxy.fail('PutObject', { kind: 'lost' })
  expect(await store.put('b', Buffer.from('x'), { absent: true })).toMatchObject({ size: 1 })
  await store.remove(['b'])
})

test.each([
  ['SlowDown, for good', { kind: 'status', status: 503, code: 'SlowDown' }, 'failed', /slow down/],
  ['no right', { kind: 'status', status: 403, code: 'AccessDenied' }, 'denied', /on purpose/],
  ['no room', { kind: 'status', status: 403, code: 'QuotaExceeded' }, 'full', /quota/],
  ['resets, for good', { kind: 'reset', after: 1_000_000 }, 'unreachable', /was cut/],
] as const)(
  'a part that meets %s ends the upload, and none of it is left',
  async (_, fault, reason, text) => {
    proxy.fail('UploadPart', fault, { times: 100, where: /partNumber=2/ })
    const body = streamed(bytes)
    const error = await errorOf(store.put('a', body))
    expect(error).toMatchObject({ reason, message: expect.stringMatching(text) })
    expect(error.message).toMatch(/cannot put part 2 of a/)
    expect(error.hint).toBeTruthy()
    expect(body.destroyed).toBe(true)
    expect(proxy.seen).toContain('AbortMultipartUpload')
  },
)

test('what cannot be aborted either is swept later', async () => {
  proxy.fail('UploadPart', { kind: 'status', status: 403, code: 'AccessDenied' }, { times: 9 })
  proxy.fail('AbortMultipartUpload', { kind: 'status', status: 503, code: 'SlowDown' }, { times: 9 })
  expect(await refused(store.put('a', streamed(bytes)))).toBe('denied')
  proxy.heal()
  expect(await store.sweep('', new Date(Date.now() - 3_600_000))).toBe(0)
  expect(await store.sweep('b', new Date(Date.now() + 3_600_000))).toBe(0)
  expect(await store.sweep('', new Date(Date.now() + 3_600_000))).toBe(1)
})

test.each([
  ['is cut', { kind: 'cut', after: 9_000_000 }],
  ['stalls', { kind: 'stall', after: 9_000_000 }],
] as const)('a download that %s goes on where it was', async (_, fault) => {
  await store.put('a', streamed(bytes))
  proxy.fail('GetObject', fault)
  expect(sha256(await buffer(await store.get('a')))).toBe(sha256(bytes))
  expect(proxy.seen.filter((each) => each === 'GetObject').length).toBeGreaterThanOrEqual(2)
  await store.remove(['a'])
})

test('a download that brings no more is cut, and says how much came', async () => {
  await store.put('a', streamed(bytes))
  proxy.fail('GetObject', { kind: 'cut', after: 9_000_000 })
  proxy.fail('GetObject', { kind: 'reset', after: 0 }, { times: 99 })
  const error = await errorOf(store.get('a').then((stream) => buffer(stream)))
  expect(error.reason).toBe('cut')
  expect(error.message).toMatch(/only [1-9]\d+ of 20000000 bytes came/)
  proxy.heal()
  await store.remove(['a'])
})

test('an object that is another one when the download goes on', async () => {
  await store.put('a', streamed(bytes))
  proxy.fail('GetObject', { kind: 'cut', after: 9_000_000 })
  const stream = await store.get('a')
  await store.put('a', streamed(Buffer.from(bytes).reverse()))
  const error = await errorOf(buffer(stream))
  expect(error).toMatchObject({ reason: 'cut', message: expect.stringMatching(/changed while it was read/) })
  await store.remove(['a'])
})

test('what is listed, removed and swept comes in pages', async () => {
  const small = await s3Store(settings, { patience: quick, page: 4 })
  const keys = Array.from({ length: 10 }, (_, index) => `many/${index}`)
  await Promise.all(keys.map((key) => small.put(key, Buffer.from(key))))
  proxy.fail('List', { kind: 'status', status: 503, code: 'SlowDown' })
  expect(await keysOf(small, 'many/')).toEqual(keys)
  await small.remove(keys)
  const count = (operation: string) => proxy.seen.filter((each) => each === operation).length
  expect([count('List'), count('DeleteObjects')]).toEqual([4, 3])
  expect(await keysOf(small, '')).toEqual([])
  const { client, sdk } = await bucketOf(settings)
  for (const key of keys)
    await client.send(
      new sdk.CreateMultipartUploadCommand({ Bucket: settings.bucket, Key: `${settings.prefix}/${key}` }),
    )
  expect(await small.sweep('many/', new Date(Date.now() + 3_600_000))).toBe(10)
  expect(count('ListMultipartUploads')).toBeGreaterThanOrEqual(3)
})

test.each([
  ['a bucket that is not there', { bucket: 'quayside-not-there' }, 'no-bucket', /no such bucket/],
  ['a wrong secret', { secret_key: new Secret('wrong-secret-value') }, 'denied', /secret key is wrong/],
  ['an access key nobody has', { access_key: new Secret('NOBODYS') }, 'denied', /not know the access key/],
  ['a port where nothing is', { endpoint: 'http://127.0.0.1:1' }, 'unreachable', /nothing answers/],
  ['a name that is none', { endpoint: 'http://no-such-host.invalid' }, 'unreachable', /not resolve/],
  ['TLS where there is none', { endpoint: endpoint.replace('http:', 'https:') }, 'unreachable', /TLS/],
] as const)('%s is told as what it is', async (_, over, reason, text) => {
  const other = await s3Store(settingsOf({ ...over }), { patience: quick })
  const attempts = [
    other.put('a', Buffer.from('x')),
    other.put('a', streamed(bytes)),
    other.get('a'),
    other.stat('a'),
    other.remove(['a']),
    keysOf(other, ''),
  ]
  for (const error of await Promise.all(attempts.map(errorOf))) {
    expect(error).toMatchObject({ reason, message: expect.stringMatching(text) })
    expect(error.hint).toBeTruthy()
    expect(JSON.stringify(error) + error.stack).not.toMatch(/wrong-secret-value|NOBODYS/)
  }
  const [first, ...more] = await other.examine()
  expect(first).toMatchObject({ ok: false, text: expect.stringMatching(text) })
  expect(more).toEqual([])
  other.close()
})

test('lock_days where the bucket has no lock', async () => {
  const unlocked = { ...settings, endpoint, lock_days: 30 }
  const other = await s3Store(unlocked, { patience: quick })
  expect((await other.examine()).filter((each) => !each.ok)).toMatchObject([
    { text: expect.stringMatching(/does not take an object: /), hint: expect.stringMatching(/lock_days/) },
    {
      text: 'lock_days is 30, and the bucket has no object lock',
      hint: expect.stringMatching(/make another/),
    },
  ])
  other.close()
})

test('a large object takes no memory', async () => {
  const large = settingsOf()
  // Bun collects its garbage later, and no more of it for what is larger: the same for 300 and for 1,800 MiB.
  const [mebibytes, bound] = 'bun' in process.versions ? [900, 400] : [300, 150]
  const words = ['--import', 'tsx', fixture, large.prefix, String(mebibytes)]
  const { stdout } = await promisify(execFile)(process.execPath, words)
  const { size, before, most } = JSON.parse(stdout) as { size: number; before: number; most: number }
  expect(size).toBe(mebibytes << 20)
  console.log(`${mebibytes} MiB put and got: ${most} MiB of memory at most, ${before} before`)
  expect(most - before).toBeLessThan(bound)
  expect(await cleared(large)).toEqual(nothing)
})
