import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { databasesOf } from '../../lab/backup/databases.ts'
import { inLab } from '../../lab/playbook.ts'

const database = 'several_test'
const store = mkdtempSync(join(tmpdir(), 'quayside-several-'))
const vars = JSON.stringify({
  backup_store: { directory: store },
  // The api of a drill wants its own, too.
  backup_databases: [database, 'app'],
  backup_redis: false,
  backup_volumes: [],
  backup_dumps: 3,
})
const run = (name: string, ...words: readonly string[]) => inLab(name, [...words, '-x', vars])
const { sql, names, dropAll } = databasesOf(database)
const said = (output: string) => /holds what backup .* does: (.*?);/.exec(output)?.[1]

/** Three tables that are worth a dump of their own, by odd names and with keys between them, and small ones. */
beforeAll(async () => {
  await dropAll()
  await sql(`create database ${database} owner app`, 'postgres')
  await sql(`
    create extension vector;
    create schema "Odd ""schema""";
    set role app;
    create table parents (id int primary key, body text not null, length int generated always as (length(body)) stored);
    alter table parents alter body set storage plain;
    insert into parents (id, body) select g, repeat(md5(g::text), 30) from generate_series(1, 20000) g;
    create table parted (id int, parent int references parents, filler text, primary key (id)) partition by range (id);
    create table parted_1 partition of parted for values from (0) to (200000);
    create table parted_2 partition of parted for values from (200000) to (500000);
    insert into parted select g, 1 + g % 20000, repeat('x', 60) from generate_series(1, 400000) g;
    create index on parted (parent);
    create table small (id int primary key references parents);
    insert into small select g from generate_series(1, 100) g;
    reset role;
    create table "Odd ""schema"""."Tab.le '$q' ü" (a bigint, b text);
    insert into "Odd ""schema"""."Tab.le '$q' ü" select g, md5(g::text) from generate_series(1, 300000) g;
    select lo_from_bytea(0, 'a large object');
    analyze`)
})

afterAll(async () => {
  await dropAll()
  rmSync(store, { recursive: true, force: true })
})

test('several dumps of one moment are one backup: whole, of one table, and in a drill', async () => {
  const taken = await run('backup')
  expect(taken.code, taken.output).toBe(0)
  expect(taken.output).toMatch(/database several_test: 5 tables, 720100 rows, .*, in 3 dumps/)
  const files = readdirSync(store, { recursive: true, encoding: 'utf8' })
  expect(files.filter((each) => each.includes(`rows/${database}/`) && each.endsWith('.age'))).toHaveLength(2)
  expect((await run('backup', 'verify')).output).toContain('5 objects read again and whole')

  const whole = await run('restore', '--database', database, '--jobs', '3')
  expect(whole.code, whole.output).toBe(0)
  expect(said(whole.output)).toBe('5 tables, 720100 rows')
  const swapped = await run('restore', 'swap')
  expect(swapped.code, swapped.output).toBe(0)
  expect(await sql('select count(*) from parted where parent = 42')).toBe('20')

  // Rows were written frozen: nobody who reads them first has their pages written once more.
  const frozen = await sql(`
    create extension pg_visibility;
    select string_agg(relname, ', ' order by relname collate "C") from pg_class
      where relkind = 'r' and oid >= 16384 and pg_relation_size(oid) > 0
        and (pg_visibility_map_summary(oid)).all_frozen = pg_relation_size(oid) / 8192`)
  expect(frozen).toBe("Tab.le '$q' ü, parents, parted_1, parted_2, small")

  const part = await run(
    'restore',
    '--table',
    'public.parted_2',
    '--table',
    'public.small',
    '--database',
    database,
    '--as',
    `${database}_part`,
  )
  expect(part.code, part.output).toBe(0)
  expect(said(part.output)).toBe('2 tables, 200101 rows')
  expect(
    await sql('select (select count(*) from parted), (select count(*) from parents)', `${database}_part`),
  ).toBe('200001|0')

  const drilled = await run('restore-drill')
  expect(drilled.output).toMatch(/every table is as it was: ok: \d+ of \d+ tables/)
  expect(drilled.code, drilled.output).toBe(0)
})

test('a dump of rows that is damaged, or of other rows, is found: what serves is untouched', async () => {
  const paths = readdirSync(store, { recursive: true, encoding: 'utf8' }).filter(
    (each) => each.includes(`rows/${database}/`) && each.endsWith('.age'),
  )
  const [one = '', two = ''] = paths.map((each) => join(store, each))
  const bytes = readFileSync(one)
  const before = await names()
  const damaged = Buffer.from(bytes)
  damaged.writeUInt8(damaged.readUInt8(damaged.length - 9) ^ 1, damaged.length - 9)
  for (const content of [damaged, readFileSync(two)]) {
    writeFileSync(one, content)
    const { code, output } = await run('restore', '--database', database, '--swap')
    expect(code, output).toBe(1)
    expect(output).toMatch(/rows\/several_test\/\d\.dump\.zst\.age (is damaged|has \d+ bytes)/)
    expect(await names()).toEqual(before)
  }
  writeFileSync(one, bytes)
})
