import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { layout } from '../../../lib/backup/layout.ts'
import type { PostgresPart } from '../../../lib/backup/manifest.ts'
import { objectsOf } from '../../../lib/backup/manifest.ts'
import type { Place } from '../../../lib/backup/place.ts'
import { putSealed } from '../../../lib/backup/sealed.ts'
import type { Shipping } from '../../../lib/backup/ship.ts'
import { gather, type Sources } from '../../../lib/backup/take.ts'
import type { Host } from '../../../lib/inventory/inventory.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { memoryStore } from '../../memory-store.ts'

const key = new Secret('a signing key for tests of take')
const id = '20261125T101500Z-3f9a1c'
const host = (name: string) => ({ name, groups: ['all'], vars: {} }) as unknown as Host
const [db, app] = [host('db-1'), host('app-1')]

/** A place whose parts are made of words; `made` is the order of their making, and one of them may be told to fail. */
function faked(store = memoryStore(), databases: readonly string[] = ['app']) {
  const controller = new AbortController()
  const made: string[] = []
  let failing: string | undefined
  const place = {
    plan: {
      env: 'lab',
      db,
      settings: { backup_redis: true },
      databases,
      volumes: [
        { host: app, kind: 'volume', name: 'uploads' },
        { host: db, kind: 'path', name: '/srv' },
      ],
    },
    store,
    emit: () => {},
    signal: controller.signal,
  } as unknown as Place
  const put = async ({ folder, signal }: Shipping, name: string, words = name) => {
    made.push(name)
    await new Promise((resolve) => setTimeout(resolve, 5))
    signal.throwIfAborted()
    const object = await putSealed(store, folder, name, Readable.from([Buffer.from(words)]))
    if (failing === name) throw new Error(`${name} failed`)
    return object
  }
  const sources: Sources = {
    postgres: async (shipping) => postgresPart(databases, (name) => put(shipping, name)),
    redis: async (shipping) => ({
      host: 'db-1',
      version: '7',
      keys: 1,
      object: await put(shipping, 'redis'),
    }),
    volume: async (shipping, { host: { name: on }, kind, name }) => ({
      host: on,
      kind,
      name,
      object: await put(shipping, `${kind}-${on}`),
    }),
  }
  const run = (given: { resumed?: boolean; recipients?: readonly string[]; by?: Secret } = {}) =>
    gather(
      place,
      {
        records: { store, env: 'lab', id, key: given.by ?? key },
        resumed: given.resumed ?? false,
        recipients: given.recipients ?? ['age1a'],
        tools: {},
        served: async () => undefined,
      },
      sources,
    )
  const fail = (name: string | undefined) => {
    failing = name
  }
  return { store, made, run, fail, controller }
}

async function postgresPart(
  databases: readonly string[],
  put: (name: string) => Promise<PostgresPart['globals']>,
): Promise<PostgresPart> {
  const globals = await put('globals')
  const parts: PostgresPart['databases'][number][] = []
  for (const name of databases)
    parts.push({
      name,
      owner: 'app',
      encoding: 'UTF8',
      collate: 'C',
      ctype: 'C',
      bytes: 1,
      object: await put(name),
      extensions: [],
      tables: [],
      sequences: [],
      largeObjects: { count: 0, bytes: 0, hash: '' },
    })
  return { host: 'db-1', version: '15.4', snapshotAt: '2026-11-25T10:15:00.000Z', globals, databases: parts }
}

test('all parts are in the manifest, volumes in the order of the inventory', async () => {
  const { run, store } = faked()
  const manifest = await run()
  expect(manifest.volumes.map((each) => each.name)).toEqual(['uploads', '/srv'])
  expect(objectsOf(manifest)).toHaveLength(5)
  for (const object of objectsOf(manifest))
    expect((await store.stat(`${layout.backup('lab', id)}${object.key}`))?.size).toBe(object.size)
})

test('a part that fails ends the others, and what is done is taken up by the next run', async () => {
  const { run, made, fail } = faked()
  fail('path-db-1')
  await expect(run()).rejects.toThrow('path-db-1 failed')
  expect(made.sort()).toEqual(['app', 'globals', 'path-db-1', 'redis', 'volume-app-1'])
  fail(undefined)
  made.length = 0
  const manifest = await run({ resumed: true })
  expect(made).toEqual(['path-db-1'])
  expect(objectsOf(manifest)).toHaveLength(5)
})

test('of PostgreSQL all is taken up or nothing, since the snapshot is gone', async () => {
  const { run, made, fail } = faked(memoryStore(), ['app', 'other'])
  fail('other')
  await expect(run()).rejects.toThrow('other failed')
  fail(undefined)
  made.length = 0
  await run({ resumed: true })
  expect(made).toEqual(['globals', 'app', 'other', 'path-db-1'])
})

test('without --resume everything is taken anew', async () => {
  const { run, made } = faked()
  await run()
  made.length = 0
  await run()
  expect(made).toHaveLength(5)
})

test.each<
  [
    string,
    (store: ReturnType<typeof memoryStore>) => void,
    Parameters<ReturnType<typeof faked>['run']>[0],
    string[],
  ]
>([
  [
    'an object is gone',
    (store) => void store.objects.delete(`${layout.backup('lab', id)}redis`),
    {},
    ['redis'],
  ],
  [
    'an object is shorter',
    (store) => void store.objects.set(`${layout.backup('lab', id)}redis`, Buffer.from('r')),
    {},
    ['redis'],
  ],
  ['a record is gone', (store) => void store.objects.delete(layout.part('lab', id, 'redis')), {}, ['redis']],
  [
    'a record is cut short',
    (store) => void store.objects.set(layout.part('lab', id, 'redis'), Buffer.from('{"pay')),
    {},
    ['redis'],
  ],
  [
    'a record was altered',
    (store) => {
      const path = layout.part('lab', id, 'redis')
      const text = String(store.objects.get(path)).replace('"version":"7"', '"version":"8"')
      store.objects.set(path, Buffer.from(text))
    },
    {},
    ['redis'],
  ],
  ['nothing happened', () => {}, {}, []],
  [
    'others are to open it',
    () => {},
    { recipients: ['age1b'] },
    ['app', 'globals', 'path-db-1', 'redis', 'volume-app-1'],
  ],
  [
    'the signing key is another',
    () => {},
    { by: new Secret('another key of tests of take') },
    ['app', 'globals', 'path-db-1', 'redis', 'volume-app-1'],
  ],
])('taken up where %s', async (_, happens, given, anew) => {
  const { run, made, store } = faked()
  await run()
  made.length = 0
  happens(store)
  await run({ ...given, resumed: true })
  expect(made.sort()).toEqual(anew)
})

test('databases that are wanted now and were not then are not left out', async () => {
  const store = memoryStore()
  await faked(store, ['app']).run()
  const { run, made } = faked(store, ['app', 'other'])
  const manifest = await run({ resumed: true })
  expect(made).toEqual(['globals', 'app', 'other'])
  expect(manifest.postgres?.databases.map((each) => each.name)).toEqual(['app', 'other'])
})

test('an interrupted run ends as one', async () => {
  const { run, controller, store } = faked()
  const running = run()
  controller.abort(new Error('interrupted'))
  await expect(running).rejects.toThrow('interrupted')
  expect([...store.objects.keys()]).toEqual([])
})
