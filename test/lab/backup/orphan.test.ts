import { afterAll, beforeAll, expect, test } from 'vitest'
import { baseScript, endBases, endedWithReader } from '../../../lib/backup/base/orphan.ts'
import { openDatabase, type Server } from '../../../lib/postgres/database.ts'
import { sh } from '../../../lib/script/index.ts'
import { ownServer } from './own-server.ts'
import { postgresServer } from './postgres-host.ts'

const container = 'quayside-orphan-test'
let near: Awaited<ReturnType<typeof postgresServer>>
let server: Server

beforeAll(async () => {
  near = await postgresServer()
  server = await ownServer(near, container, 200)
})

afterAll(async () => {
  await near.connection.run(sh`docker rm -f -v ${container}`)
  await near.connection.close()
})

/** It would take a quarter of an hour and more: 32 kB a second. */
const slow = (id: string) => baseScript(server, id, ['--max-rate=32'])

/** Who sends a base backup in the server, and to whom. */
async function senders(): Promise<string> {
  await using database = await openDatabase(server, 'postgres', { purpose: 'test' })
  const rows = await database.rows<{ name: string }>(
    `select application_name as name from pg_stat_activity where backend_type = 'walsender' and application_name like 'quayside%'`,
  )
  const { stdout } = await server.connection.run(
    sh`docker top ${server.container} -eo pid,args | grep -c ' pg_basebackup ' || :`,
  )
  return `${rows.length} senders, ${stdout.trim()} receivers`
}

test('a base backup that was left behind is ended by the next run', async () => {
  const running = await server.connection.start(sh`${slow('test-1')} >/dev/null`, { title: 'a base backup' })
  running.ended.catch(() => {})
  await expect.poll(senders, { timeout: 30_000 }).toBe('1 senders, 1 receivers')
  // As when the host's side is killed at once: what docker exec has started in the container is not.
  const { stdout } = await server.connection.run(sh`pgrep -xf ${'docker exec .* -l quayside test-1 .*'}`)
  expect(stdout).toMatch(/^\d+\n$/)
  await server.connection.run(sh`kill -KILL ${stdout.trim()}`)
  expect(await senders()).toBe('1 senders, 1 receivers')
  await endBases(server)
  await expect.poll(senders, { timeout: 30_000 }).toBe('0 senders, 0 receivers')
  await running.kill()
})

test('one whose reader has gone is ended by the host itself', async () => {
  const { stdout } = await server.connection.run(sh`{ ${endedWithReader(server, slow('test-2'))}
} | head -c 1000 | wc -c`)
  expect(stdout.trim()).toBe('1000') // it had begun
  await expect.poll(senders, { timeout: 30_000 }).toBe('0 senders, 0 receivers')
})
