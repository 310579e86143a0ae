import { afterAll, beforeAll, expect, test } from 'vitest'
import { bareSql, carrySql, type Hanging, hangingOf } from '../../../lib/backup/restore/carry.ts'
import { applyProperties } from '../../../lib/backup/restore/properties.ts'
import { openDatabase } from '../../../lib/postgres/database.ts'
import { raw, sh } from '../../../lib/script/index.ts'
import { dropDatabases, postgresServer, runSql } from './postgres-host.ts'

const [from, to] = ['quayside "hung" app', 'quayside_hung_restore']
const quoted = '"quayside ""hung"" app"'
const role = 'quayside Hung; role'
const head = '/tmp/quayside-hung-head'
let server: Awaited<ReturnType<typeof postgresServer>>

beforeAll(async () => {
  server = await postgresServer()
  await clean()
  for (const sql of [
    `create role "${role}"`,
    `create database ${quoted}`,
    `create database ${to}`,
    `alter database ${quoted} connection limit 41`,
    `alter database ${quoted} set search_path to "a b", public`,
    `alter database ${quoted} set app.word to 'a''b; \\ -- c'`,
    `alter role "${role}" in database ${quoted} set work_mem to '7MB'`,
    `revoke temporary on database ${quoted} from public`,
    `grant connect, create on database ${quoted} to "${role}" with grant option`,
    `comment on database ${quoted} is 'it''s; ours'`,
  ])
    await runSql(server, 'postgres', sql)
  const dump = `pg_dump -Fc -Z0 "$1" >"$2"`
  const dumped = await server.connection.run(
    sh`docker exec -i -u postgres ${server.container} sh -c ${dump} sh ${from} ${head}`,
  )
  expect(dumped.code, dumped.stderr).toBe(0)
})

async function clean(): Promise<void> {
  await dropDatabases(server, [from, to])
  await runSql(server, 'postgres', `drop role if exists "${role}"`)
  await server.connection.run(raw(`docker exec ${server.container} sh -c 'rm -f ${head}*'`))
}

afterAll(async () => {
  await clean()
  await server.connection.close()
})

async function looks(database: string): Promise<Hanging | undefined> {
  await using admin = await openDatabase(server, 'postgres', { purpose: 'test' })
  return await hangingOf(admin, database)
}

const bare = { connectionLimit: -1, grants: undefined, settings: [], comment: null }

test('what hangs on a database comes back from the head of its dump', async () => {
  const before = await looks(from)
  expect(before?.settings).toContainEqual({ role: null, name: 'app.word', value: "a'b; \\ -- c" })
  expect(await looks(to)).toMatchObject(bare)
  await using admin = await openDatabase(server, 'postgres', { purpose: 'test' })
  const { notes, comment } = await applyProperties(admin, server, head, { from, to })
  expect(notes).toEqual([])
  expect(comment).toBe("it's; ours")
  expect(await looks(to)).toEqual({ ...before, comment: null })
})

test('what is taken from it again leaves it as by default, and what serves may be carried over', async () => {
  const set = await looks(to)
  if (set === undefined) throw new Error('no database')
  for (const each of bareSql(to, set)) await runSql(server, 'postgres', each)
  const { grants = [], ...rest } = (await looks(to)) ?? bare
  expect(rest).toMatchObject({ connectionLimit: -1, settings: [] })
  expect(grants.map(({ role, privilege }) => `${role} ${privilege}`).sort()).toEqual([
    'null CONNECT',
    'null TEMPORARY',
    'postgres CONNECT',
    'postgres CREATE',
    'postgres TEMPORARY',
  ])
  for (const each of carrySql(to, set)) await runSql(server, 'postgres', each)
  expect(await looks(to)).toEqual(set)
})

test('a role that this server lacks is told, without the values of settings', async () => {
  await dropDatabases(server, [to])
  await runSql(server, 'postgres', `create database ${to}`)
  for (const sql of [`drop owned by "${role}"`, `alter role "${role}" rename to "${role} elsewhere"`])
    await runSql(server, 'postgres', sql)
  try {
    await using admin = await openDatabase(server, 'postgres', { purpose: 'test' })
    const { notes } = await applyProperties(admin, server, head, { from, to })
    expect(notes).toEqual([
      expect.stringMatching(/^the server would not \(42704\): ALTER ROLE .* SET work_mem TO …$/),
      expect.stringMatching(/^the server would not \(42704\): GRANT .* TO "quayside Hung; role" WITH GRANT/),
    ])
    expect((await looks(to))?.connectionLimit).toBe(41)
  } finally {
    await runSql(server, 'postgres', `alter role "${role} elsewhere" rename to "${role}"`)
  }
})
