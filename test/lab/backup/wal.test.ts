import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { takeBase } from '../../../lib/backup/base/take.ts'
import { flushWal } from '../../../lib/backup/wal/flush.ts'
import { readArchiver, readSpans, walLines } from '../../../lib/backup/wal/status.ts'
import { sh } from '../../../lib/script/index.ts'
import { walPaths } from '../../../roles/postgres-pgvector/wal/paths.ts'
import { onHost } from '../lab-host.ts'
import { type ArchivedServer, archivedServer } from './archived-server.ts'

const name = 'wal-test'
let server: ArchivedServer

beforeAll(async () => {
  server = await archivedServer(name)
  await server.psql('create table notes (text text, at timestamptz default clock_timestamp())')
})

afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
})

const takeOne = () => {
  const { connection, store, key, recipient } = server
  const of = { connection, container: name }
  return takeBase({ server: of, store, env: name, recipients: [recipient], key, by: 'test' })
}

const clock = async () =>
  new Date(
    await server.psql(
      `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
    ),
  )

const ready = { timeout: 60_000, interval: 500 }

test('a table that was dropped is there again, as of the second before', async () => {
  const { connection, psql } = server
  await takeOne()
  await psql("insert into notes values ('kept')")
  const at = await clock()
  await pause(1000)
  await psql("insert into notes values ('too late')")
  await psql('drop table notes')
  await flushWal({ connection, container: name })
  const then = await server.recovered(at)
  try {
    expect(then.whole).toBe(true)
    expect(await psql('select text from notes', then.server.container)).toBe('kept')
    expect(new Date(then.reached ?? '').getTime()).toBeLessThanOrEqual(at.getTime())
  } finally {
    await then.remove()
  }
  expect(
    await onHost(
      'db-1',
      'docker ps -aq --filter label=quayside.scratch=pitr; docker volume ls -q --filter label=quayside.scratch=pitr',
    ),
  ).toBe('')
})

test('with S3 away the database goes on, and what it wrote meanwhile is archived when S3 is back', async () => {
  const { connection, store, keys, key, psql, must } = server
  await psql('create table away (n int, at timestamptz default clock_timestamp())')
  await server.away()
  for (let n = 0; n < 3; n += 1) await psql(`insert into away values (${n}); select pg_switch_wal()`)
  await expect.poll(async () => (await readArchiver(connection))?.failing, ready).toBe(true)
  const queued = async () => (await readArchiver(connection))?.queueBytes ?? 0
  await expect.poll(queued, ready).toBeGreaterThanOrEqual(3 * 16 * 1024 * 1024)
  expect(await onHost('db-1', `journalctl -u ${walPaths.unit} -o cat`)).toContain('cannot ship to S3')
  await server.back()
  // Not asked to be archived: within archive_timeout it is, by itself.
  await psql('insert into away values (3)')
  const segment = await psql('select pg_walfile_name(pg_current_wal_lsn())')
  await expect.poll(async () => ((await readArchiver(connection))?.last ?? '') >= segment, ready).toBe(true)
  await psql('insert into away values (4)')
  await must(sh`docker kill ${name} >/dev/null`)
  const spans = await readSpans(store, name, keys, key)
  console.log(walLines({ archiver: await readArchiver(connection), spans }, new Date()).join('\n'))
  expect(spans).toMatchObject([{ gaps: [] }])
  const then = await server.recovered('latest')
  try {
    expect(
      await psql('select string_agg(n::text, $$ $$ order by n) from away where n < 4', then.server.container),
    ).toBe('0 1 2 3')
  } finally {
    await then.remove()
  }
})
