import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { onHost } from '../lab-host.ts'
import { inLab, type PlaybookOptions } from '../playbook.ts'
import { databasesOf } from './databases.ts'

/** A database of its own beside the app's, and a store of its own: nothing that others use is touched. */
const database = 'restore_test'
const store = mkdtempSync(join(tmpdir(), 'quayside-restore-store-'))
const vars = (more: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({
    backup_store: { directory: store },
    backup_databases: [database],
    backup_redis: false,
    backup_volumes: [],
    ...more,
  })

const restore = (words: readonly string[], options: PlaybookOptions = {}) =>
  inLab('restore', [...words, '-x', vars()], options)

const { sql, names: databases, dropAll } = databasesOf(database)

beforeAll(async () => {
  await dropAll()
  await sql(`create database ${database} owner app`, 'postgres')
  await sql(
    `alter database ${database} set work_mem to '7MB'; alter database ${database} connection limit 40`,
  )
  await sql(`
    create extension vector;
    set role app;
    create table notes (id bigserial primary key, note text not null, e vector(3));
    insert into notes (note, e) select 'note ' || g, array[g, 1, 2]::vector from generate_series(1, 2000) g;
    create index notes_e on notes using hnsw (e vector_cosine_ops);
    create table links (id int primary key, note bigint references notes);
    insert into links select g, g from generate_series(1, 100) g;
    -- Large enough for a dump of its own.
    create table wide (id int primary key, body text not null);
    alter table wide alter body set storage plain;
    insert into wide select g, repeat(md5(g::text), 200) from generate_series(1, 3000) g;
    analyze wide;
  `)
  const { code, output } = await inLab('backup', ['-x', vars()])
  expect(code, output).toBe(0)
  expect(output).toMatch(/database restore_test: 3 tables, 5100 rows, .*, in 2 dumps/)
})

afterAll(async () => {
  await dropAll()
  rmSync(store, { recursive: true, force: true })
})

test('killed half-way, again, verified, swapped under a client, and back', async () => {
  await sql('delete from links; update notes set note = $$changed$$ where id <= 10')
  const killed = await restore([], { signal: { name: 'SIGKILL', after: 'rows into' } })
  expect(killed.code).toBe(137)
  expect(await sql('select count(*) from links')).toBe('0')

  const beside = await restore([])
  expect(beside.output).toMatch(/dropped restore_test_restore_\w{6}, which a run that died/)
  expect(beside.output).toMatch(/holds what backup .* does: 3 tables, 5100 rows/)
  expect(beside.code).toBe(0)
  const name = (await databases()).find((each) => each.includes('_restore_')) ?? ''
  expect(await sql('select count(*) from links', name)).toBe('100')
  expect(await sql('select count(*) from links')).toBe('0')

  // one client idles, one is busy and would be for a minute
  const psql = `docker exec -u postgres postgres psql -XAtq -d ${database} -c`
  await onHost(
    'db-1',
    `(${psql} 'select pg_sleep(60)' >/tmp/restore-test-busy 2>&1; true) </dev/null >/dev/null 2>&1 &`,
  )
  const swapped = await restore(['swap'])
  expect(swapped.output).toMatch(/restore_test_restore_\w{6} is restore_test now \([1-9]/)
  expect(swapped.code).toBe(0)
  expect(await sql('select count(*) from links')).toBe('100')
  expect(await sql('show work_mem')).toBe('7MB')
  const hanging = `select pg_get_userbyid(datdba), datconnlimit, shobj_description(oid, 'pg_database') is null from pg_database`
  expect(await sql(`${hanging} where datname = '${database}'`)).toBe('app|40|t')
  const kept = (await databases()).filter((each) => each.includes('_before_'))
  expect(kept).toHaveLength(1)
  expect(await sql('select count(*) from links', kept[0])).toBe('0')

  const undone = await restore(['undo'])
  expect(undone.code, undone.output).toBe(0)
  expect(await sql('select count(*) from links')).toBe('0')
  expect(await sql(`${hanging} where datname = '${database}'`)).toBe('app|40|t')

  const dropped = await restore(['drop-old'])
  expect(dropped.code, dropped.output).toBe(0)
  expect(await databases()).toEqual([database])
})

test('one table, beside', async () => {
  const { code, output } = await restore(['--table', 'public.links', '--as', `${database}_part`])
  expect(code, output).toBe(0)
  expect(await sql('select count(*) from links', `${database}_part`)).toBe('100')
  expect(await sql('select count(*) from notes', `${database}_part`)).toBe('0')
  await restore(['drop-beside'])
  expect(await databases()).toEqual([database])
})

test('a damaged object is refused, and nothing is left', async () => {
  const files = readdirSync(store, { recursive: true, encoding: 'utf8' })
  const file = files.find((each) => /rows\/.*dump.*\.age$/.test(each)) ?? ''
  const path = join(store, file)
  const bytes = readFileSync(path)
  const damaged = Buffer.from(bytes)
  damaged.writeUInt8(damaged.readUInt8(damaged.length - 9) ^ 1, damaged.length - 9)
  writeFileSync(path, damaged)
  try {
    const { code, output } = await restore(['--swap'])
    expect(output).toContain('is damaged')
    expect(code).toBe(1)
    writeFileSync(path, bytes.subarray(1))
    const cut = await restore(['--swap'])
    expect(cut.output).toMatch(/cannot be restored here:\n.*bytes in/)
    expect(cut.code).toBe(1)
  } finally {
    writeFileSync(path, bytes)
  }
  expect(await databases()).toEqual([database])
})

test('a backup that our key does not open is refused before anything is begun', async () => {
  const stranger = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p'
  const taken = await inLab('backup', ['-x', vars({ backup_recipients: [stranger] })])
  expect(taken.code, taken.output).toBe(0)
  const { code, output } = await restore([])
  expect(output).toMatch(/cannot be restored here:\n.*does not open/)
  expect(code).toBe(1)
  expect(await databases()).toEqual([database])
})
