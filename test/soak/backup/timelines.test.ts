import { afterAll, beforeAll, expect, test } from 'vitest'
import { takeBase } from '../../../lib/backup/base/take.ts'
import { foresee } from '../../../lib/backup/pitr/foresee.ts'
import { flushWal } from '../../../lib/backup/wal/flush.ts'
import { readArchiver, readSpans, walLines } from '../../../lib/backup/wal/status.ts'
import { sh } from '../../../lib/script/index.ts'
import { type ArchivedServer, archivedServer } from '../../lab/backup/archived-server.ts'

const name = 'timelines-test'
let server: ArchivedServer

beforeAll(async () => {
  server = await archivedServer(name)
})

afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
})

const takeOne = () => {
  const { connection, store, key, recipient } = server
  const of = { connection, container: name }
  return takeBase({ server: of, store, env: name, recipients: [recipient], key, by: 'test' })
}

/** What a recovery to that time has in a table of one column, in order. */
async function recoveredWords(to: Date | 'latest'): Promise<string> {
  const then = await server.recovered(to)
  try {
    return await server.psql(`select string_agg(word, ' ' order by word) from words`, then.server.container)
  } finally {
    await then.remove()
  }
}

const clock = async () =>
  new Date(
    await server.psql(
      `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
    ),
  )

test('a server that is put back by hand to an earlier time goes on with a timeline of its own', async () => {
  const { connection, psql, must } = server
  await takeOne()
  const data = await must(sh`docker volume inspect -f '{{.Mountpoint}}' ${name}`)
  const flush = () => flushWal({ connection, container: name })
  await psql(`create table words (word text); insert into words values ('a-kept')`)
  await must(sh`docker stop ${name} >/dev/null
cp -a ${data} ${`${data}.then`}
docker start ${name} >/dev/null
until docker exec ${name} pg_isready -q -h 127.0.0.1; do sleep 0.2; done`)
  await psql(`insert into words values ('b-left')`)
  const left = await takeOne()
  const before = await clock()
  await flush()

  await must(sh`docker stop ${name} >/dev/null
find ${data} -mindepth 1 -delete
cp -a ${`${data}.then/.`} ${data}
rm -rf ${`${data}.then`}
printf '%s\n' "restore_command = 'false'" >>${`${data}/postgresql.auto.conf`}
touch ${`${data}/recovery.signal`}
docker start ${name} >/dev/null
until [ "$(docker exec -u postgres ${name} psql -XAtc 'select pg_is_in_recovery()' 2>/dev/null)" = f ]; do sleep 0.2; done`)
  await psql(`insert into words values ('c-since')`)
  expect(await psql('select timeline_id from pg_control_checkpoint()')).toBe('2')
  await flush()

  // The newest base backup is of what was left, and is gone past for what serves now.
  const { base } = await foresee({ ...server, env: name }, 'latest')
  expect(base.id < left.id).toBe(true)
  expect(await recoveredWords('latest')).toBe('a-kept c-since')
  expect(await recoveredWords(before)).toBe('a-kept b-left')
  const taken = await takeOne()
  expect(taken.timeline).toBe(2)
  await psql(`insert into words values ('d-later')`)
  await flush()
  expect(await recoveredWords('latest')).toBe('a-kept c-since d-later')
})

test('a server that is begun anew has a log of its own, and the one before can be gone back to', async () => {
  const { connection, store, keys, key, psql, must } = server
  const data = await must(sh`docker volume inspect -f '{{.Mountpoint}}' ${name}`)
  const of = () => psql('select system_identifier from pg_control_system()')
  const [first, before] = [await of(), await clock()]
  await must(sh`docker stop ${name} >/dev/null
find ${data} -mindepth 1 -delete
docker start ${name} >/dev/null
until docker exec ${name} pg_isready -q -h 127.0.0.1; do sleep 0.2; done`)
  const second = await of()
  expect(second).not.toBe(first)
  await psql(`create table words (word text); insert into words values ('e-anew')`)
  await flushWal({ connection, container: name })
  const how = async () => {
    const archiver = await readArchiver(connection)
    return walLines({ archiver, spans: await readSpans(store, name, keys, key) }, new Date()).join('\n')
  }
  await expect
    .poll(how, { timeout: 60_000, interval: 1000 })
    .toContain('no base backup is of this server: no recovery gets to what it ships (backup.ts base)')
  // Until then the latest that can be had is the other server's.
  expect(await recoveredWords('latest')).toBe('a-kept c-since d-later')
  expect((await takeOne()).system).toBe(second)
  expect(await how()).not.toContain('no base backup is of this server')
  await psql(`insert into words values ('f-later')`)
  await flushWal({ connection, container: name })
  expect(await recoveredWords('latest')).toBe('e-anew f-later')
  expect(await recoveredWords(before)).toBe('a-kept c-since d-later')
})
