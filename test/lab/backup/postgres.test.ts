import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Catalog, catalogOf } from '../../../lib/backup/postgres/catalog.ts'
import { compareCatalogs } from '../../../lib/backup/postgres/compare.ts'
import { createDatabase } from '../../../lib/backup/postgres/create.ts'
import { dumpScript, globalsScript } from '../../../lib/backup/postgres/dump.ts'
import { listScript, restoreScript } from '../../../lib/backup/postgres/restore.ts'
import { openSnapshot } from '../../../lib/backup/postgres/snapshot.ts'
import { readArchiveHeader } from '../../../lib/backup/postgres/version.ts'
import { openDatabase } from '../../../lib/postgres/database.ts'
import { piped, type Script, sh } from '../../../lib/script/index.ts'
import { dropDatabases, postgresServer, runSql } from './postgres-host.ts'
import { ascii, bigBytes, latin, zoo } from './postgres-zoo.ts'

/** Names that would lead elsewhere if they were not passed on with care. */
const names = {
  zoo: `Qt dbname=postgres 'q' "d" \\b ü`,
  copy: `host=nowhere qt -copy`,
  latin: 'qt-latin',
  latinCopy: '-d qt-latin',
  ascii: 'qt_ascii',
  asciiCopy: 'postgres://qt@nowhere/x',
}

let server: Awaited<ReturnType<typeof postgresServer>>

beforeAll(async () => {
  server = await postgresServer()
  await dropDatabases(server, Object.values(names))
})

afterAll(async () => {
  await dropDatabases(server, Object.values(names))
  await server.connection.close()
})

async function said(script: Script): Promise<string> {
  const { stdout, stderr, code } = await server.connection.run(script)
  expect(stderr).toBe('')
  expect(code).toBe(0)
  return stdout
}

/** By the container's own zstd, which packed it: the host may have none before its first backup. */
const unpacked = () => sh`docker exec -i ${server.container} zstd -dq`

const makeLike = (name: string, encoding: string) =>
  runSql(server, 'postgres', createDatabase(name, { owner: 'postgres', encoding, collate: 'C', ctype: 'C' }))

/** Backs up a database and restores it into another; what both hold. */
async function copied(from: string, to: string): Promise<{ backup: Catalog; here: Catalog }> {
  await using snapshot = await openSnapshot(server, from)
  const backup = await catalogOf(server, from, { snapshot: snapshot.id })
  await runSql(server, 'postgres', createDatabase(to, backup))
  await said(
    piped(
      dumpScript(server.container, from, snapshot.id),
      unpacked(),
      restoreScript(server.container, to, 'stdin'),
    ),
  )
  return {
    backup: { ...backup, sequences: [...(await snapshot.sequences())] },
    here: await catalogOf(server, to),
  }
}

const withoutSizes = ({ bytes: _, ...rest }: Catalog) => rest

test('a copy of everything has the hashes of what it was copied from', async () => {
  await makeLike(names.zoo, 'UTF8')
  await runSql(server, names.zoo, zoo)
  const { backup, here } = await copied(names.zoo, names.copy)

  expect(compareCatalogs(backup, here)).toEqual([])
  // What was stale is fresh in the copy, and no fault of it.
  const exceptStale = ({ tables, ...rest }: Catalog) => ({
    ...withoutSizes({ tables, ...rest }),
    tables: tables.filter(({ name }) => name !== 'stale'),
  })
  expect(exceptStale(here)).toEqual(exceptStale(backup))

  const table = (name: string) => backup.tables.find((each) => each.name === name)
  expect(table('columnless')).toMatchObject({ kind: 'table', rows: 3 })
  expect(table('empty')).toMatchObject({ rows: 0, hash: '1:0' })
  expect(table('unfilled')).toMatchObject({ kind: 'matview', hash: 'unpopulated' })
  expect(table('parted_high_a')).toMatchObject({ kind: 'partition', rows: 45 })
  expect(table('parent')).toMatchObject({ rows: 1 })
  expect(table('secrets_of_others')).toMatchObject({ rows: 2 })
  expect(table('parted')).toBeUndefined()
  expect(table('passing')).toBeUndefined()
  expect(backup.largeObjects).toMatchObject({ count: 5, bytes: 5 + 10_000 + 100_012 + 2 })
  expect(backup.objects).toContainEqual({ kind: 'index', name: 'public.vectors_hnsw' })
  // In another place, and after an update that changes nothing, the rows are the same.
  await runSql(
    server,
    names.copy,
    'update plain set id = id; cluster plain using plain_pkey; cluster vectors using vectors_pkey',
  )
  expect(compareCatalogs(backup, await catalogOf(server, names.copy, { parallel: 1 }))).toEqual([])
})

const differs = (rows: string) => `${rows} in both, but what they hold differs`

/** What is done to the copy, and what must be said of it. */
const damages: readonly (readonly [sql: string, what: string, text: string])[] = [
  ['drop extension citext', 'extension "citext"', 'missing here'],
  [
    `update "Odd ""schema"".x"."${'n'.repeat(63)}" set "select" = null`,
    `table "Odd ""schema"".x"."${'n'.repeat(63)}"`,
    differs('1 row'),
  ],
  [
    `update big set b = set_byte(b, ${bigBytes - 1}, 255 - get_byte(b, ${bigBytes - 1}))`,
    'table "public"."big"',
    differs('1 row'),
  ],
  ["update child set c = '' where c is null", 'table "public"."child"', differs('2 rows')],
  [
    "update dropped set b = case b when 'y' then 'z' else 'y' end",
    'table "public"."dropped"',
    differs('2 rows'),
  ],
  ['drop table empty', 'table "public"."empty"', 'missing here'],
  ['create table extra ()', 'table "public"."extra"', 'not in the backup, but here'],
  ['insert into fleeting values (2)', 'table "public"."fleeting"', '3 rows in the backup, 4 here'],
  ['delete from generated where a = 50', 'table "public"."generated"', '50 rows in the backup, 49 here'],
  ["update numbers_ set f8 = 0 where f4 = 'NaN'", 'table "public"."numbers_"', differs('4 rows')],
  ["update plain set b = '\\x00fe' where id = 1", 'table "public"."plain"', differs('25 rows')],
  [
    'update secrets_of_others set owner = t, t = owner',
    'table "public"."secrets_of_others"',
    differs('2 rows'),
  ],
  ["update shapes set ns = '[0:0]={1}' where ns is not null", 'table "public"."shapes"', differs('3 rows')],
  [
    "update times set tz = '12:00+05:31' where tz = '12:00+05:30'",
    'table "public"."times"',
    differs('2 rows'),
  ],
  // A pair lost and another pair doubled: what an exclusive or would not see.
  ['update twins set a = 1 where a = 2', 'table "public"."twins"', differs('6 rows')],
  [
    'update vectors set v = (array[1.0000001::real] || (v::real[])[2:])::vector where id = 1',
    'table "public"."vectors"',
    differs('501 rows'),
  ],
  ["update parted set t = 'A' where k = 5", 'partition "public"."parted_low"', differs('10 rows')],
  [
    'refresh materialized view unfilled',
    'materialized view "public"."unfilled"',
    'without data in the backup, filled here',
  ],
  ["select setval('moved', 7)", 'sequence "public"."moved"', 'at 41 in the backup, at 7 here'],
  [
    "select nextval('untouched')",
    'sequence "public"."untouched"',
    'at 1, which is still to be given out, in the backup, at 1 here',
  ],
  ["select lo_put(7001, 0, 'J')", 'large objects', '110019 bytes in both, but what they hold differs'],
  ['alter table generated drop constraint even', 'table constraint even on public.generated', 'missing here'],
  ['drop index vectors_hnsw', 'index public.vectors_hnsw', 'missing here'],
  ['drop trigger touching on plain', 'trigger touching on public.plain', 'missing here'],
]

test('each kind of damage is named, and nothing else', async () => {
  const backup = await catalogOf(server, names.zoo)
  await runSql(server, names.copy, damages.map(([sql]) => sql).join(';'))
  const found = compareCatalogs(backup, await catalogOf(server, names.copy))
  const sorted = (all: readonly { what: string; text: string }[]) =>
    all.map(({ what, text }) => `${what}: ${text}`).sort()
  expect(sorted(found)).toEqual(sorted(damages.map(([, what, text]) => ({ what, text }))))
})

test.each([
  ['LATIN1', latin, names.latin, names.latinCopy],
  ['SQL_ASCII', ascii, names.ascii, names.asciiCopy],
])('text in %s is hashed as the bytes that it is', async (encoding, sql, from, to) => {
  await makeLike(from, encoding)
  await runSql(server, from, sql)
  const { backup, here } = await copied(from, to)
  expect(withoutSizes(here)).toEqual(withoutSizes(backup))
  expect(backup.tables).toMatchObject([{ name: 'words', rows: encoding === 'LATIN1' ? 1 : 2 }])
  await runSql(server, to, 'update words set id = 7 where id = 1')
  expect(compareCatalogs(backup, await catalogOf(server, to))).toHaveLength(1)
})

test('while a snapshot is open its tables stay, and what changes is not in it', async () => {
  await runSql(server, names.zoo, 'truncate big') // which has told all that it can
  await using snapshot = await openSnapshot(server, names.zoo)
  await using other = await openDatabase(server, names.zoo, { purpose: 'test' })
  await other.rows("set lock_timeout = '100ms'")
  for (const sql of [
    'drop table twins',
    'truncate parted_low',
    'alter table plain drop column v',
    'drop schema "Odd ""schema"".x" cascade',
  ])
    await expect(other.rows(sql)).rejects.toMatchObject({ code: '55P03' })
  const before = await catalogOf(server, names.zoo, { snapshot: snapshot.id })
  await other.rows(
    "insert into twins values (9); delete from plain; select lo_unlink(7001), nextval('moved'), nextval('down')",
  )
  await other.rows('create table later (a int)')

  expect(
    compareCatalogs(before, await catalogOf(server, names.zoo, { snapshot: snapshot.id })),
  ).toMatchObject([{ what: 'sequence "public"."down"' }, { what: 'sequence "public"."moved"' }])
  expect((await snapshot.sequences()).filter(({ until }) => until !== undefined)).toEqual([
    { schema: 'public', name: 'down', value: '95', called: true, until: '90' },
    { schema: 'public', name: 'moved', value: '41', called: true, until: '42' },
  ])
  // The list is read from a dump's beginning: the rest must have somebody to take it.
  const dump = dumpScript(server.container, names.zoo, snapshot.id)
  const listed = await said(
    piped(
      dump,
      unpacked(),
      sh`${listScript(server.container, 'stdin')}
cat >/dev/null`,
    ),
  )
  expect(readArchiveHeader(listed)).toEqual({
    database: names.zoo,
    server: snapshot.version,
    tool: snapshot.version,
  })
  expect(listed).not.toContain('later')
})

test('roles are dumped as SQL', async () => {
  expect(await said(piped(globalsScript(server.container), unpacked()))).toMatch(/^CREATE ROLE postgres;$/m)
})
