import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Store, StoreError } from '../../lib/backup/store/store.ts'

/** A store to try, and how to clean up behind it. */
export interface Tried {
  readonly store: Store
  readonly end: () => Promise<void>
}

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** The reason that a store refused with; undefined where it did not. */
export const refused = (attempt: Promise<unknown>) =>
  attempt.then(
    () => undefined,
    (error: unknown) => (error instanceof StoreError ? error.reason : error),
  )

/** All keys that a store lists. */
export async function keysOf(store: Store, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list(prefix)) keys.push(key)
  return keys
}

/** That many random bytes as a stream of uneven chunks. */
export function streamed(bytes: Buffer): Readable {
  const step = 300_007
  const chunks = Array.from({ length: Math.ceil(bytes.length / step) }, (_, index) =>
    bytes.subarray(index * step, (index + 1) * step),
  )
  return Readable.from(chunks, { objectMode: false })
}

/** What every store does: run over each kind. Keys are left by nobody. */
export function storeContract(name: string, open: () => Promise<Tried>): void {
  describe(name, () => {
    let store: Store
    let end: () => Promise<void>
    beforeAll(async () => {
      const tried = await open()
      store = tried.store
      end = tried.end
    })
    afterAll(() => end())

    test.each([0, 1, 70_000, 5_000_000, 34_000_000])(
      'a stream of %d bytes comes back as it was',
      async (size) => {
        const bytes = randomBytes(size)
        const written = await store.put('lab/backups/a/part', streamed(bytes))
        expect(written).toEqual({ size, sha256: sha256(bytes) })
        expect((await store.stat('lab/backups/a/part'))?.size).toBe(size)
        expect(sha256(await buffer(await store.get('lab/backups/a/part')))).toBe(sha256(bytes))
        await store.remove(['lab/backups/a/part'])
      },
    )

    test('bytes of one piece, and a key that is written twice', async () => {
      await store.put('b/one', Buffer.from('first'))
      const written = await store.put('b/one', Buffer.from('second'))
      expect(written).toEqual({ size: 6, sha256: sha256(Buffer.from('second')) })
      expect((await buffer(await store.get('b/one'))).toString()).toBe('second')
      const found = await store.stat('b/one')
      expect(Math.abs((found?.modified.getTime() ?? 0) - Date.now())).toBeLessThan(600_000)
      await store.remove(['b/one'])
    })

    test('what is not there', async () => {
      expect(await store.stat('no/such')).toBeUndefined()
      expect(await refused(store.get('no/such'))).toBe('missing')
      await store.remove(['no/such', 'nor/this/one'])
      expect(await keysOf(store, 'no/')).toEqual([])
    })

    test('absent refuses what is there, and lets one of many win', async () => {
      await store.put('c/once', Buffer.from('first'), { absent: true })
      expect(await refused(store.put('c/once', Buffer.from('second'), { absent: true }))).toBe('exists')
      expect(await refused(store.put('c/once', streamed(randomBytes(20_000_000)), { absent: true }))).toBe(
        'exists',
      )
      expect((await buffer(await store.get('c/once'))).toString()).toBe('first')
      const racers = Array.from({ length: 12 }, (_, index) =>
        refused(store.put('c/race', Buffer.from(`racer ${index}`), { absent: true })),
      )
      const ends = await Promise.all(racers)
      expect(ends.filter((each) => each === undefined)).toHaveLength(1)
      expect(ends.filter((each) => each === 'exists')).toHaveLength(11)
      expect(await keysOf(store, 'c/')).toEqual(['c/once', 'c/race'])
      await store.remove(['c/once', 'c/race'])
    })

    test('keys are listed in their order, by how they begin', async () => {
      const keys = ['d/a', 'd/a+b', 'd/a-b/c', 'd/a.b', 'd/a/b', 'd/a/b2', 'd/a0', 'd/b/x/y/z', 'd/aa/b']
      await Promise.all(keys.map((key) => (key === 'd/a' ? undefined : store.put(key, Buffer.from(key)))))
      const there = keys.filter((key) => key !== 'd/a').sort()
      expect(await keysOf(store, 'd/')).toEqual(there)
      expect(await keysOf(store, 'd/a/')).toEqual(['d/a/b', 'd/a/b2'])
      expect(await keysOf(store, 'd/a')).toEqual(there.filter((key) => key.startsWith('d/a')))
      expect(await keysOf(store, 'd/b')).toEqual(['d/b/x/y/z'])
      await store.remove(keys)
      expect(await keysOf(store, 'd/')).toEqual([])
    })

    test.each(['../a', 'a/../../b', '/a', 'a//b', 'a/', '', 'a b', 'a/./b', 'x/.part-1', 'ü'])(
      'no key: %j',
      async (key) => {
        expect(await refused(store.put(key, Buffer.from('x')))).toBe('failed')
        expect(await refused(store.get(key))).toBe('failed')
        expect(await refused(store.remove([key]))).toBe('failed')
      },
    )

    test('a body that errors is not stored, and its error is what is thrown', async () => {
      for (const size of [1_000, 25_000_000]) {
        const broken = Readable.from(
          (async function* () {
            yield randomBytes(size)
            throw new Error('the dump died')
          })(),
          { objectMode: false },
        )
        await expect(store.put('e/broken', broken)).rejects.toThrow('the dump died')
        expect(await store.stat('e/broken')).toBeUndefined()
        expect(await keysOf(store, 'e/')).toEqual([])
      }
    })

    test('an aborted put leaves nothing, and ends its body', async () => {
      for (const size of [1_000, 25_000_000]) {
        const stop = new AbortController()
        const body = Readable.from(
          (async function* () {
            yield randomBytes(size)
            setTimeout(() => stop.abort(), 50)
            await new Promise(() => {})
          })(),
          { objectMode: false },
        )
        expect(await refused(store.put('f/stopped', body, { signal: stop.signal }))).toBe('interrupted')
        expect(body.destroyed).toBe(true)
        expect(await store.stat('f/stopped')).toBeUndefined()
        expect(await store.sweep('f/', new Date(Date.now() + 3_600_000))).toBe(0)
      }
      const before = refused(store.put('f/stopped', Buffer.from('x'), { signal: AbortSignal.abort() }))
      expect(await before).toBe('interrupted')
    })

    test('an aborted get ends as interrupted', async () => {
      await store.put('g/long', streamed(randomBytes(8_000_000)))
      const stop = new AbortController()
      const stream = await store.get('g/long', { signal: stop.signal })
      const reading = (async () => {
        for await (const _ of stream) stop.abort()
      })()
      expect(await refused(reading)).toBe('interrupted')
      await store.remove(['g/long'])
    })

    test('it examines itself, and leaves nothing', async () => {
      const findings = await store.examine()
      expect(findings.filter((each) => !each.ok)).toEqual([])
      expect(findings.length).toBeGreaterThanOrEqual(6)
      expect(await keysOf(store, '')).toEqual([])
    })
  })
}
