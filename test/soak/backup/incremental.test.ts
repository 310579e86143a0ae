import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Base, baseFolder, readBase } from '../../../lib/backup/base/base.ts'
import { foreseeBases } from '../../../lib/backup/base/prune.ts'
import { takeBase } from '../../../lib/backup/base/take.ts'
import { flushWal } from '../../../lib/backup/wal/flush.ts'
import { readSpans, walLines } from '../../../lib/backup/wal/status.ts'
import { sh } from '../../../lib/script/index.ts'
import { type ArchivedServer, archivedServer } from '../../lab/backup/archived-server.ts'
import { postgres17 } from '../postgres-17/image.ts'

const name = 'incremental-test'
let server: ArchivedServer
const told: string[] = []

beforeAll(async () => {
  server = await archivedServer(name, await postgres17(), { summarize_wal: 'on', wal_level: 'replica' })
  // Most of it never changes again.
  await server.psql('create extension vector')
  await server.psql(`create table items (id int primary key, note text, e vector(64));
    insert into items select g, repeat(md5(g::text), 20), (select array_agg(sin(g + k))::real[]::vector from generate_series(1, 64) k)
      from generate_series(1, 60000) g`)
  await server.psql('vacuum analyze items')
})

afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
})

function take(incrementals = 6): Promise<Base> {
  const { connection, store, key, recipient } = server
  const of = { connection, container: name }
  const tell = (text: string) => told.push(text)
  const options = { store, env: name, recipients: [recipient], key, by: 'test', incrementals, tell }
  return takeBase({ server: of, ...options })
}

const clock = async () =>
  new Date(
    await server.psql(
      `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
    ),
  )

/** What the table holds, in one line, on this server or another one. */
const content = (container = name) =>
  server.psql(
    `set enable_indexscan = off; select count(*) || ' ' || sum(hashtext(id || note || e::text)) from items`,
    container,
  )

test('what changed is taken, a fraction of the whole; from it and the log any time can be gone back to', async () => {
  const full = await take()
  expect([full.version, full.parent]).toEqual([2, undefined])
  await server.psql(`update items set note = 'changed' where id <= 100`)
  const second = await take()
  await server.psql(`insert into items select g, 'added', null from generate_series(60001, 60100) g`)
  const third = await take()
  expect([second.parent, third.parent]).toEqual([full.id, second.id])
  console.log(
    [full, second, third].map(({ object, bytes, incrementBytes }) => [object.size, bytes, incrementBytes]),
  )
  for (const each of [second, third]) {
    expect(each.object.size).toBeLessThan(full.object.size / 3)
    expect(each.incrementBytes).toBeLessThan(full.bytes / 2)
  }
  await server.psql(`update items set note = 'changed again' where id % 1000 = 0`)
  const [at, then] = [await clock(), await content()]
  await server.psql('select pg_sleep(1); truncate items')
  await flushWal({ connection: server.connection, container: name })

  const recovered = await server.recovered(at)
  try {
    expect(recovered.base.id).toBe(third.id)
    expect(recovered.whole).toBe(true)
    expect(await content(recovered.server.container)).toBe(then)
  } finally {
    await recovered.remove()
  }
  const spans = await readSpans(server.store, name, server.keys, server.key)
  expect(walLines({ archiver: undefined, spans }, new Date()).join('\n')).toContain(
    `base backup ${third.id} (incremental upon ${second.id}): from ${third.endedAt}`,
  )
  const { verdicts } = await foreseeBases(server.store, name, { keep: 1, key: server.key, now: new Date() })
  expect(verdicts.map(({ reasons }) => reasons)).toEqual([
    ['newest', 'base 1'],
    [`${third.id} is incremental upon it`],
    [`${second.id} is incremental upon it`],
  ])
})

test('a full one is due after so many, and where the host has lost what it must know', async () => {
  expect((await take(2)).parent).toBeUndefined()
  expect((await take(2)).parent).toBeDefined()
  await server.must(sh`rm -rf ${`/var/lib/quayside/base/${name}`}`)
  expect((await take(2)).parent).toBeUndefined()
})

test('a server that cannot tell what has changed makes a full one, and why is told', async () => {
  await take()
  told.length = 0
  await server.psql(`update items set note = 'unseen' where id <= 10`)
  await server.psql('checkpoint')
  const summarized = () =>
    server.psql(
      'select max(end_lsn) >= (select redo_lsn from pg_control_checkpoint()) from pg_available_wal_summaries()',
    )
  await expect.poll(summarized, { timeout: 60_000, interval: 500 }).toBe('t')
  await server.must(sh`docker exec -u postgres ${name} sh -c 'rm -f "$PGDATA"/pg_wal/summaries/*.summary'`)
  const base = await take()
  expect(base.parent).toBeUndefined()
  expect(told).toEqual([expect.stringMatching(/^not incremental upon \S+, but full: .*summar/i)])
})

test('one that is cut off leaves the parent as it was: the next is incremental upon that', async () => {
  const before = await take(0)
  const stopped = new AbortController()
  const { connection, store, key, recipient } = server
  const of = { connection, container: name }
  const options = { store, env: name, recipients: [recipient], key, by: 'test', incrementals: 6 }
  setTimeout(() => stopped.abort(new Error('stopped')), 700)
  await expect(takeBase({ server: of, ...options, signal: stopped.signal })).rejects.toThrow('interrupted')
  expect((await take()).parent).toBe(before.id)
})

test('what the host keeps is held to its sum; and what the store has lost holds nobody up', async () => {
  await take(0)
  const upon = await take()
  expect(upon.parent).toBeDefined()
  const kept = `/var/lib/quayside/base/${name}/${upon.id}.manifest`
  await server.must(sh`sed -i '0,/"Size": 8192/s//"Size": 8193/' ${kept}`)
  told.length = 0
  const full = await take()
  expect(full.parent).toBeUndefined()
  expect(told).toEqual([expect.stringMatching(/, but full: .*manifest/)])

  const last = await take()
  expect(last.parent).toBe(full.id)
  await server.store.remove([`${baseFolder(name, full.id)}base.json`])
  await expect(server.recovered('latest')).rejects.toThrow(`base backup ${last.id} needs ${full.id}: `)
  const spans = await readSpans(server.store, name, server.keys, server.key)
  expect(spans[0]).toMatchObject({ base: last.id, broken: expect.stringContaining(full.id) })
  told.length = 0
  const next = await take()
  expect(next.parent).toBeUndefined()
  expect(told).toEqual([expect.stringContaining(`needs ${full.id}`)])
  expect((await readBase(server.store, name, next.id, server.key)).id).toBe(next.id)
})
