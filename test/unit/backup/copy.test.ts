import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { type CopyOptions, copyBackup, DamagedError } from '../../../lib/backup/copy.ts'
import { layout } from '../../../lib/backup/layout.ts'
import { ManifestError } from '../../../lib/backup/manifest-file.ts'
import { StoreError } from '../../../lib/backup/store/store.ts'
import { memoryStore } from '../../memory-store.ts'
import { idOf, key, put, putDrill, stranger } from './stored-backup.ts'

const id = idOf('2026-11-25')
const folder = layout.backup('lab', id)
const contents = { a: 'the first', b: 'the second one', c: 'the third' }

async function stores(more: Partial<CopyOptions> = {}) {
  const [from, to] = [memoryStore(), memoryStore()]
  await put(from, id, contents)
  const told: string[] = []
  const options: CopyOptions = {
    from,
    to,
    env: 'lab',
    key,
    signal: new AbortController().signal,
    object: (entry, there) => told.push(`${entry.key} ${there}`),
    ...more,
  }
  return { from, to, options, told }
}

test('a copy has every byte, the manifest last, and what drills found', async () => {
  const { from, to, options } = await stores()
  await putDrill(from, id, '20261125T030000Z-aaaaaa', { ok: true })
  const order: string[] = []
  const { put: putInto } = to
  to.put = (path, body, how) => {
    order.push(path.slice(folder.length))
    return putInto(path, body, how)
  }
  expect(await copyBackup(id, options)).toEqual({ id, objects: 3, bytes: 32 })
  expect(to.objects).toEqual(from.objects)
  expect(order).toEqual([
    'volumes/a.zst.age',
    'volumes/b.zst.age',
    'volumes/c.zst.age',
    'manifest.json',
    'drills/20261125T030000Z-aaaaaa.json',
  ])
})

test('a copy that was cut off goes on where it was, and one that is whole costs nothing', async () => {
  const { from, to, options, told } = await stores()
  const { get } = from
  from.get = (path, how) => {
    if (path.endsWith('c.zst.age')) throw new StoreError('away', { reason: 'unreachable' })
    return get(path, how)
  }
  await expect(copyBackup(id, options)).rejects.toMatchObject({ reason: 'unreachable' })
  expect(to.objects.has(layout.manifest('lab', id))).toBe(false)
  from.get = get
  told.length = 0
  expect(await copyBackup(id, options)).toEqual({ id, objects: 1, bytes: 9 })
  expect(told).toEqual(['volumes/a.zst.age true', 'volumes/b.zst.age true', 'volumes/c.zst.age false'])
  expect(await copyBackup(id, options)).toEqual({ id, objects: 0, bytes: 0 })
  expect(to.objects).toEqual(from.objects)
})

test('half an object that is there already is put anew', async () => {
  const { from, to, options } = await stores()
  to.objects.set(`${folder}volumes/b.zst.age`, Buffer.from('the sec'))
  expect((await copyBackup(id, options)).objects).toBe(3)
  expect(to.objects).toEqual(from.objects)
})

const damage: readonly (readonly [string, Buffer | undefined, string])[] = [
  ['flipped', Buffer.from('the secund one'), 'its SHA-256 is not the one that was written'],
  ['cut short', Buffer.from('the sec'), 'it has 7 bytes, and 14 were written'],
  ['longer', Buffer.from('the second one!'), 'it has 15 bytes, and 14 were written'],
  ['gone', undefined, 'it is not there'],
]
test.each(damage)(
  'an object that is %s is named, not stored, and no copy comes of it',
  async (_, bytes, what) => {
    const { from, to, options } = await stores()
    const path = `${folder}volumes/b.zst.age`
    if (bytes === undefined) from.objects.delete(path)
    else from.objects.set(path, bytes)
    const error = await copyBackup(id, options).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(DamagedError)
    expect(error).toMatchObject({
      key: 'volumes/b.zst.age',
      message: `backup ${id} is damaged: volumes/b.zst.age: ${what}; it is not copied`,
    })
    expect([...to.objects.keys()]).toEqual([`${folder}volumes/a.zst.age`])
  },
)

test('a manifest that others signed, or that was altered, is not copied', async () => {
  const { from, to, options } = await stores()
  await expect(copyBackup(id, { ...options, key: stranger })).rejects.toBeInstanceOf(ManifestError)
  const path = layout.manifest('lab', id)
  const text = from.objects.get(path)?.toString().replace('app-1', 'app-2') ?? ''
  from.objects.set(path, Buffer.from(text))
  await expect(copyBackup(id, options)).rejects.toMatchObject({ reason: 'signature' })
  expect(to.objects.size).toBe(0)
})

test('another backup of that name in the second store is not written over', async () => {
  const { to, options } = await stores()
  await put(to, id, { a: 'something else' })
  const before = new Map(to.objects)
  await expect(copyBackup(id, options)).rejects.toThrow('has another backup by the name of')
  expect(to.objects).toEqual(before)
})

test('a second store that keeps something else than it was given is found out', async () => {
  const { to, options } = await stores()
  const { put: putInto } = to
  to.put = (path, body, how) =>
    putInto(path, path.endsWith('manifest.json') ? Readable.from([Buffer.from('{}')]) : body, how)
  await expect(copyBackup(id, options)).rejects.toThrow('reads back as something else')
})

test('an interrupted copy begins no further object', async () => {
  const controller = new AbortController()
  const { to, options } = await stores({ signal: controller.signal })
  const { put: putInto } = to
  to.put = (...given) => {
    controller.abort(new Error('stopped'))
    return putInto(...given)
  }
  await expect(copyBackup(id, options)).rejects.toThrow('stopped')
  expect([...to.objects.keys()]).toEqual([`${folder}volumes/a.zst.age`])
})

test('one that retention removes meanwhile is not called damaged', async () => {
  const { from, options } = await stores()
  const { get } = from
  from.get = (path, how) => {
    if (path.endsWith('b.zst.age')) from.objects.clear()
    return get(path, how)
  }
  await expect(copyBackup(id, options)).rejects.toThrow(`backup ${id} was removed while it was copied`)
})
