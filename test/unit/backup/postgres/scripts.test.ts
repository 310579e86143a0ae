import { describe, expect, test } from 'vitest'
import { hashQuery } from '../../../../lib/backup/postgres/content-hash.ts'
import { createDatabase } from '../../../../lib/backup/postgres/create.ts'
import { dumpScript, globalsScript } from '../../../../lib/backup/postgres/dump.ts'
import { restoreScript } from '../../../../lib/backup/postgres/restore.ts'
import {
  majorOf,
  readArchiveHeader,
  readToolVersion,
  refuseOlder,
} from '../../../../lib/backup/postgres/version.ts'

const inside = `docker exec -i -u postgres pg sh -c 'exec env -i PATH="$PATH" LC_ALL=C "$@"' sh`
const info = (name: string) =>
  `dbname='\\''${name}'\\'' host='\\''/var/run/postgresql'\\'' port='\\''5432'\\'' user='\\''postgres'\\'' application_name='\\''quayside backup'\\''`

describe('command lines', () => {
  test.each([
    [
      restoreScript('pg', 'app', 'stdin'),
      `${inside} pg_restore --exit-on-error --no-password '--dbname=${info('app')}'`,
    ],
    [
      restoreScript(
        'pg',
        'app',
        { file: '/tmp/a b' },
        { jobs: 4, list: '/tmp/l', schemas: ['S x'], anonymous: true },
      ),
      `${inside} pg_restore --exit-on-error --no-password '--dbname=${info('app')}' --jobs=4 --use-list=/tmp/l '--schema=S x' --no-owner --no-acl '/tmp/a b'`,
    ],
  ])('%#', (script, text) => {
    expect(String(script).trim()).toBe(text)
  })

  test.each([
    [
      dumpScript('pg', 'app', '00000003-1B-1'),
      `pg_dump --format=custom --compress=0 --no-password --lock-wait-timeout=30s --snapshot=00000003-1B-1 '--dbname=${info('app')}'`,
    ],
    [
      dumpScript('pg', `a'b\\c d=e`, 's'),
      `pg_dump --format=custom --compress=0 --no-password --lock-wait-timeout=30s --snapshot=s '--dbname=${info(`a\\'\\''b\\\\c d=e`)}'`,
    ],
    [globalsScript('pg'), `pg_dumpall --globals-only --no-password '--dbname=${info('postgres')}'`],
  ])('what is dumped is compressed in the container, or on the host: %#', (script, text) => {
    const said = String(script)
    expect(said).toContain(`${inside} ${text}`)
    // Either by a pipe, or through docker exec.
    expect(said.split(` sh ${text}`)).toHaveLength(3)
    expect(said.split(` sh "$pipe" ${text}`)).toHaveLength(3)
    expect(said).toContain('command -v zstd')
  })

  test('several jobs cannot share a stream', () => {
    expect(() => restoreScript('pg', 'app', 'stdin', { jobs: 2 })).toThrow('a file')
  })
})

test('a database is made as it was', () => {
  const like = { owner: 'o"x', encoding: 'UTF8', collate: 'C', ctype: "d'e" }
  expect(createDatabase('a b', like)).toBe(
    `create database "a b" owner "o""x" template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'd''e'`,
  )
  expect(createDatabase('a', { ...like, locale: 'icu:de-AT-u-ks-level2' }, { owner: 'me' })).toBe(
    `create database "a" owner "me" template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'd''e' locale_provider "icu" icu_locale 'de-AT-u-ks-level2'`,
  )
})

test('a value of any length is hashed apart, by its own type', () => {
  const column = { name: 'x', long: true, base: null, binary: null, output: 'pg_catalog.jsonb_out' }
  const sql = hashQuery({
    schema: 's',
    name: 't"',
    condition: 'WHERE x',
    columns: [
      { ...column, long: false, name: 'A' },
      column,
      { ...column, output: 'pg_catalog.byteaout' },
      { ...column, output: 'pg_catalog.textout', base: 'text' },
      { ...column, output: 'public.vector_out', binary: 'public.vector_send' },
    ],
  })
  const h = (text: string) => `hashtextextended((${text}) collate "C", 0)`
  expect(sql).toContain(
    h(
      `row(t."A", ${h('textin(pg_catalog.jsonb_out(t."x"))')}, ${h(`encode(sha256(t."x"), 'hex')`)}, ${h('t."x"::text::text')}, ${h(`encode(public.vector_send(t."x"), 'hex')`)})::text`,
    ),
  )
  expect(sql).toMatch(/from only "s"."t""" as t WHERE x$/)
})

describe('versions', () => {
  test.each([
    ['pg_dump (PostgreSQL) 15.4 (Debian 15.4-1.pgdg120+1)\n', '15.4'],
    ['pg_restore (PostgreSQL) 17beta2', '17beta2'],
    ['sh: pg_dump: not found', undefined],
  ])('of %j', (text, version) => {
    expect(readToolVersion(text)).toBe(version)
  })

  test.each([
    ['15.4', 15],
    ['17beta2', 17],
  ])('%s is of %d', (version, major) => {
    expect(majorOf(version)).toBe(major)
  })

  const list = `;
; Archive created at 2026-11-25 10:31:00 UTC
;     dbname: a: b (c)
;     TOC Entries: 12
;     Compression: none
;     Dump Version: 1.14-0
;     Format: CUSTOM
;     Integer: 4 bytes
;     Offset: 8 bytes
;     Dumped from database version: 15.4 (Debian 15.4-1.pgdg120+1)
;     Dumped by pg_dump version: 16.1
;
;
; Selected TOC Entries:
;
`
  test('of a dump stand in its list', () => {
    expect(readArchiveHeader(list)).toEqual({ database: 'a: b (c)', server: '15.4', tool: '16.1' })
    expect(readArchiveHeader('pg_restore: error: input file does not appear to be a valid archive')).toBe(
      undefined,
    )
  })

  test.each([
    [{ server: '15.4', tool: '15.4' }, { server: '15.9', tool: '15.1' }, undefined],
    [{ server: '15.4', tool: '15.4' }, { server: '17.0', tool: '17.0' }, undefined],
    [{ server: '15.4', tool: '16.1' }, { server: '15.4', tool: '15.4' }, 'pg_restore 15.4 cannot read'],
    [{ server: '16.1', tool: '16.1' }, { server: '15.4', tool: '16.1' }, 'the server here is 15.4'],
  ])('%j into %j', (dump, here, said) => {
    if (said === undefined) expect(() => refuseOlder(dump, here)).not.toThrow()
    else expect(() => refuseOlder(dump, here)).toThrow(said)
  })
})
