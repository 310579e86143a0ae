import { expect, test } from 'vitest'
import { demandAllowed, needsScrub } from '../../../../lib/backup/restore/between.ts'
import { carrySql, type Hanging, literal } from '../../../../lib/backup/restore/carry.ts'
import { hasLocale, type ServerFacts, serverFaults } from '../../../../lib/backup/restore/checks.ts'
import { judged } from '../../../../lib/backup/restore/database.ts'
import { type Mark, markOf, markText } from '../../../../lib/backup/restore/mark.ts'
import { beforeName, besideName } from '../../../../lib/backup/restore/names.ts'
import { lowRoom, nextLook } from '../../../../lib/backup/restore/room.ts'
import { entriesOf, listOf, readTable } from '../../../../lib/backup/restore/toc.ts'

const id = '20261125T101500Z-3f9a1c'
const now = new Date('2026-11-25T10:15:00.123Z')

test.each([
  ['app', 'app_restore_3f9a1c', 'app_before_20261125t101500z'],
  ['a'.repeat(63), `${'a'.repeat(48)}_restore_3f9a1c`, `${'a'.repeat(39)}_before_20261125t101500z`],
  // two bytes each: cut by characters, never within one
  ['ä'.repeat(31), `${'ä'.repeat(24)}_restore_3f9a1c`, `${'ä'.repeat(19)}_before_20261125t101500z`],
])('names of databases beside %s', (database, beside, before) => {
  expect(besideName(database, id)).toBe(beside)
  expect(beforeName(database, now)).toBe(before)
  for (const name of [beside, before]) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63)
})

const mark: Mark = {
  state: 'ready',
  of: 'app',
  backup: id,
  run: 'abcdef',
  at: now.toISOString(),
  whole: true,
}

test.each<[string, string | null, Mark | undefined]>([
  ['its own', markText(mark), mark],
  ['with a comment that a person gave', markText({ ...mark, comment: "it's" }), { ...mark, comment: "it's" }],
  ['none', null, undefined],
  ["a person's", 'quayside restore of monday, keep!', undefined],
  ['another state', markText(mark).replace('ready', 'whatever'), undefined],
  ['a field missing', markText(mark).replace('"run"', '"walk"'), undefined],
  ['no object', 'quayside restore null', undefined],
])('a mark is read from a comment: %s', (_, comment, found) => {
  expect(markOf(comment)).toEqual(found)
})

const refusals: [
  string,
  string,
  Partial<Record<'scrubs' | 'force' | 'unscrubbed', boolean>>,
  RegExp | undefined,
][] = [
  ['production', 'production', {}, undefined],
  ['lab', 'lab', {}, undefined],
  ['lab', 'production', {}, /not restored into production/],
  ['staging', 'production', { scrubs: true }, /not restored into production/],
  ['staging', 'production', { force: true }, undefined],
  ['lab', 'staging', {}, undefined],
  ['production', 'staging', {}, /restore_scrub/],
  ['production', 'staging', { scrubs: true }, undefined],
  ['production', 'lab', { unscrubbed: true }, undefined],
  ['production', 'lab', { force: true }, /restore_scrub/],
  // nobody knows what stands in it
  ['customer-7', 'lab', {}, /restore_scrub/],
  ['production', 'production-eu', {}, /not restored into production-eu/],
  ['production', 'production-eu', { force: true }, /restore_scrub/],
]
test.each(refusals)('from %s to %s with %o', (from, to, given, refused) => {
  const attempt = () => demandAllowed({ from, to, scrubs: false, force: false, unscrubbed: false, ...given })
  if (refused === undefined) expect(attempt).not.toThrow()
  else expect(attempt).toThrow(refused)
})

test('data is scrubbed on its way down alone', () => {
  expect(needsScrub({ from: 'lab', to: 'staging' })).toBe(false)
  expect(needsScrub({ from: 'staging', to: 'staging' })).toBe(false)
  expect(needsScrub({ from: 'production', to: 'staging' })).toBe(true)
})

const server: ServerFacts = {
  version: '15.4',
  tool: '15.4',
  extensions: new Map([['vector', ['0.8.0']]]),
  roles: new Set(['postgres', 'app']),
  locales: ['C', 'en_US.utf8'],
  free: 10e9,
}
const database = {
  name: 'app',
  owner: 'app',
  encoding: 'UTF8',
  collate: 'C.UTF-8',
  ctype: 'en_US.UTF-8',
  bytes: 1e9,
  extensions: [{ name: 'vector', version: '0.8.0' }],
  tables: [],
  sequences: [],
  largeObjects: { count: 0, bytes: 0, hash: '' },
}

test.each<[string, Partial<ServerFacts>, { version?: string; globals?: boolean }, RegExp[]]>([
  ['well', {}, {}, []],
  ['a newer server', { version: '17.1', tool: '17.1' }, {}, []],
  ['an older server', { version: '14.9' }, {}, [/the server is 14\.9/]],
  ['an older pg_restore', { tool: '14.9' }, {}, [/pg_restore 14\.9/]],
  ['no room', { free: 1e9 }, {}, [/1\.3 GB are needed.*1\.0 GB are free/]],
  ['no extension', { extensions: new Map() }, {}, [/extension vector 0\.8\.0/]],
  ['no role', { roles: new Set() }, {}, [/role app.*--globals/]],
  ['no role, but roles come first', { roles: new Set() }, { globals: true }, []],
  ['no locale', { locales: ['C'] }, {}, [/locale en_US\.UTF-8/]],
  ['all at once', { version: '9.6', free: 0, locales: [] }, {}, [/9\.6/, /0 MB are free/, /locale/]],
])('what a server lacks: %s', (_, facts, { version = '15.4', globals: roles = false }, said) => {
  const found = serverFaults(version, { ...server, ...facts }, { databases: [database], globals: roles })
  expect(found).toHaveLength(said.length)
  for (const [index, each] of said.entries()) expect(found[index]).toMatch(each)
})

test('a locale is known by each of its spellings', () => {
  expect(hasLocale(['de_DE.utf8'], 'de_DE.UTF-8')).toBe(true)
  expect(hasLocale(['de_DE.utf8'], 'de_AT.UTF-8')).toBe(false)
  expect(hasLocale([], 'C')).toBe(true)
  expect(hasLocale([], 'C.UTF-8')).toBe(true)
})

test('another version of an extension is told, and all else is a fault', () => {
  const version = { what: 'extension "vector"', text: 'version 0.7 in the backup, 0.8 here' }
  const missing = { what: 'extension "vector"', text: 'missing here' }
  const table = { what: 'table "public"."version 1"', text: 'version 1' }
  expect(judged([version, missing, table])).toEqual({
    faults: [missing, table],
    notes: ['extension "vector": version 0.7 in the backup, 0.8 here'],
  })
})

test('what hangs on a database is carried over', () => {
  const hanging: Hanging = {
    owner: 'app',
    connectionLimit: 50,
    tablespace: 'pg_default',
    comment: null,
    grants: [
      { role: null, privilege: 'TEMPORARY', grantable: false },
      { role: 'app', privilege: 'CONNECT', grantable: false },
      { role: 'Odd "role"', privilege: 'CONNECT', grantable: true },
    ],
    settings: [
      { role: null, name: 'search_path', value: '"$user", public' },
      { role: null, name: 'app.name', value: "it's \\ here" },
      { role: 'reader', name: 'statement_timeout', value: '5s' },
      { role: null, name: 'temp_tablespaces', value: '' },
    ],
  }
  expect(carrySql('app_restore_3f9a1c', hanging)).toEqual([
    'alter database "app_restore_3f9a1c" owner to "app"',
    'alter database "app_restore_3f9a1c" connection limit 50',
    'revoke all on database "app_restore_3f9a1c" from public',
    'grant TEMPORARY on database "app_restore_3f9a1c" to public',
    'grant CONNECT on database "app_restore_3f9a1c" to "Odd ""role""" with grant option',
    'alter database "app_restore_3f9a1c" set "search_path" to "$user", public',
    `alter database "app_restore_3f9a1c" set "app"."name" to E'it''s \\\\ here'`,
    `alter role "reader" in database "app_restore_3f9a1c" set "statement_timeout" to '5s'`,
    `alter database "app_restore_3f9a1c" set "temp_tablespaces" to ''`,
  ])
  expect(carrySql('b', { ...hanging, connectionLimit: -1, grants: undefined, settings: [] })).toEqual([
    'alter database "b" owner to "app"',
  ])
})

test('a text in SQL', () => {
  expect(literal("a'b")).toBe("'a''b'")
  expect(literal("\\'")).toBe("E'\\\\'''")
})

test.each([
  ['public.users', { schema: 'public', name: 'users' }],
  ['"Odd.schema"."a ""b"""', { schema: 'Odd.schema', name: 'a "b"' }],
  ['users', undefined],
  ['a.b.c', undefined],
  ['public.', undefined],
])('--table %s', (text, table) => {
  expect(readTable(text)).toEqual(table)
})

const listing = `;
; Archive created at 2026-11-25 10:15:00 UTC
;     dbname: app
;
2; 3079 16386 EXTENSION - vector 
5; 2615 17000 SCHEMA - odd app
215; 1259 16385 TABLE public docs app
216; 1259 16386 TABLE public docs of old app
3400; 0 16385 TABLE DATA public docs app
3401; 0 16386 TABLE DATA public docs of old app
3402; 0 16387 TABLE DATA odd docs app
3403; 0 0 SEQUENCE SET public docs_id_seq app
3404; 0 0 SEQUENCE SET odd docs_id_seq app
3405; 0 0 BLOBS - BLOBS 
3250; 2606 16399 CONSTRAINT public docs docs_pkey app
3251; 1259 16400 INDEX public docs_e_idx app
3252; 2606 16401 FK CONSTRAINT public b b_a_fkey app
3253; 0 16402 MATERIALIZED VIEW DATA public m app
`

test('rows of what is wanted, with all definitions but those that need the rows of others', () => {
  const kept = (list: string) =>
    list
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => Number.parseInt(line, 10))
  const entries = entriesOf(listing)
  expect(entries).toHaveLength(14)
  const definitions = [2, 5, 215, 216]
  const tables = [{ schema: 'public', name: 'docs' }]
  expect(kept(listOf(entries, { schemas: [], tables }))).toEqual([...definitions, 3400, 3250, 3251])
  expect(kept(listOf(entries, { schemas: ['odd'], tables: [] }))).toEqual([
    ...definitions,
    3402,
    3404,
    3250,
    3251,
  ])
  const odd = [{ schema: 'public', name: 'docs of old' }]
  expect(kept(listOf(entries, { schemas: [], tables: odd }))).toEqual([...definitions, 3401, 3250, 3251])
})

test.each([
  ['100 GB with 600 MB', 100e6, 600e3, undefined, 1000],
  ['100 GB with 5 GB', 100e6, 5e6, undefined, 4608],
  ['100 GB with 50 GB', 100e6, 50e6, undefined, 15_000],
  ['100 GB with 400 MB', 100e6, 400e3, 400e3 * 1024, 1000],
  ['a small disk, of which a tenth does', 1e6, 150e3, undefined, 1000],
  ['a small disk with less', 1e6, 90e3, 90e3 * 1024, 1000],
])('room for a restore: %s', (_, size, free, low, next) => {
  const df = `Filesystem 1024-blocks Used Available Capacity Mounted on\noverlay ${size} ${size - free} ${free} 1% /a b\n`
  expect(lowRoom(df)).toBe(low)
  expect(nextLook(df)).toBe(next)
})

test('room that cannot be told ends nothing, and is looked for again', () => {
  expect(lowRoom('df: no such container\n')).toBeUndefined()
  expect(nextLook('df: no such container\n')).toBe(1000)
})
