import { afterAll, beforeAll, expect, test } from 'vitest'
import { baseOrEnd, baseScript, endBases } from '../../../lib/backup/base/orphan.ts'
import { openDatabase } from '../../../lib/postgres/database.ts'
import { sh } from '../../../lib/script/index.ts'
import { postgresServer, runSql } from './postgres-host.ts'

// Enough that it fills every pipe on the way.
const table = 'quayside_orphan_test'
let server: Awaited<ReturnType<typeof postgresServer>>

beforeAll(async () => {
  server = await postgresServer()
  await runSql(server, 'postgres', `drop table if exists ${table}`)
  await runSql(
    server,
    'postgres',
    `create unlogged table ${table} as select repeat(md5(g::text), 60) from generate_series(1, 30000) g`,
  )
})

afterAll(async () => {
  await runSql(server, 'postgres', `drop table if exists ${table}`)
  await server.connection.close()
})

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

/** Runs a base backup that nobody reads; what it prints comes to stand still. */
async function unread(script: ReturnType<typeof baseScript>) {
  const running = await server.connection.start(sh`${script} | sleep 600`, { title: 'an unread base backup' })
  await expect.poll(senders, { timeout: 30_000 }).toBe('1 senders, 1 receivers')
  return running
}

test('a base backup that was left behind is ended by the next run', async () => {
  const running = await unread(baseScript(server, 'test-1'))
  // As when the host's side is killed at once: what docker exec has started in the container is not.
  const { stdout } = await server.connection.run(sh`pgrep -xf ${'docker exec .* -l quayside test-1 .*'}`)
  expect(stdout).toMatch(/^\d+\n$/)
  await server.connection.run(sh`kill -KILL ${stdout.trim()}`)
  await endBases(server)
  await expect.poll(senders, { timeout: 30_000 }).toBe('0 senders, 0 receivers')
  await running.kill()
})

test('one whose reader has gone is ended by the host itself', async () => {
  const running = await unread(baseOrEnd(server, 'test-2'))
  await running.kill()
  await expect.poll(senders, { timeout: 30_000 }).toBe('0 senders, 0 receivers')
})
