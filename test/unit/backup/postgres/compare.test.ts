import { describe, expect, test } from 'vitest'
import type { Catalog } from '../../../../lib/backup/postgres/catalog.ts'
import { compareCatalogs } from '../../../../lib/backup/postgres/compare.ts'
import { spanned } from '../../../../lib/backup/postgres/sequences.ts'

const table = { schema: 'public', name: 'a', kind: 'table', rows: 10, hash: '1:5' } as const
const sequence = { schema: 'public', name: 's', value: '10', called: true } as const
const index = { kind: 'index', name: 'public.a_pkey' } as const
const catalog: Catalog = {
  owner: 'app',
  encoding: 'UTF8',
  collate: 'C.UTF-8',
  ctype: 'C.UTF-8',
  bytes: 1000,
  extensions: [{ name: 'vector', version: '0.5.1' }],
  tables: [table],
  sequences: [sequence],
  objects: [index],
  largeObjects: { count: 2, bytes: 7, hash: '1:9' },
}

describe('a difference is said of', () => {
  test.each<[what: string, backup: Partial<Catalog>, here: Partial<Catalog>, said: string[]]>([
    ['nothing', {}, {}, []],
    ['neither size nor owner', {}, { bytes: 7, owner: 'postgres' }, []],
    ['encoding', {}, { encoding: 'LATIN1' }, ['encoding: UTF8 in the backup, LATIN1 here']],
    ['collation', {}, { collate: 'C' }, ['collation: C.UTF-8 in the backup, C here']],
    ['character type', {}, { ctype: 'C' }, ['character type: C.UTF-8 in the backup, C here']],
    ['locale', { locale: 'icu:de' }, {}, ['locale: icu:de in the backup, libc here']],
    [
      'an extension that is newer',
      {},
      { extensions: [{ name: 'vector', version: '0.8.0' }] },
      ['extension "vector": version 0.5.1 in the backup, 0.8.0 here'],
    ],
    ['an extension that is gone', {}, { extensions: [] }, ['extension "vector": missing here']],
    ['a table that is gone', {}, { tables: [] }, ['table "public"."a": missing here']],
    ['a table that came to be', { tables: [] }, {}, ['table "public"."a": not in the backup, but here']],
    [
      'rows that were lost',
      {},
      { tables: [{ ...table, rows: 9, hash: '1:4' }] },
      ['table "public"."a": 10 rows in the backup, 9 here'],
    ],
    [
      'content',
      {},
      { tables: [{ ...table, hash: '1:4' }] },
      ['table "public"."a": 10 rows in both, but what they hold differs'],
    ],
    [
      'hashes of two formulas',
      { tables: [{ ...table, hash: '0:5' }] },
      {},
      ['table "public"."a": its hash in the backup is of another formula (0) than the one here (1)'],
    ],
    [
      'a name with quotes, and a partition',
      { tables: [{ ...table, name: 'a "b"', kind: 'partition', rows: 1 }] },
      { tables: [] },
      ['partition "public"."a ""b""": missing here'],
    ],
    [
      'a table that is a partition now',
      {},
      { tables: [{ ...table, kind: 'partition' }] },
      ['table "public"."a": a table in the backup, a partition here'],
    ],
    [
      'a materialized view without data',
      { tables: [{ ...table, kind: 'matview' }] },
      { tables: [{ ...table, kind: 'matview', rows: 0, hash: 'unpopulated' }] },
      ['materialized view "public"."a": without data here'],
    ],
    [
      'no materialized view that was stale',
      { tables: [{ ...table, kind: 'matview' }] },
      { tables: [{ ...table, kind: 'matview', rows: 7, hash: '1:1' }] },
      [],
    ],
    [
      'a sequence',
      {},
      { sequences: [{ ...sequence, value: '9' }] },
      ['sequence "public"."s": at 10 in the backup, at 9 here'],
    ],
    [
      'a sequence by its last step',
      {},
      { sequences: [{ ...sequence, called: false }] },
      ['sequence "public"."s": at 10 in the backup, at 10, which is still to be given out, here'],
    ],
    [
      'no sequence within what it moved while the dump ran',
      { sequences: [{ ...sequence, until: '20' }] },
      { sequences: [{ ...sequence, value: '20' }] },
      [],
    ],
    [
      'a sequence beyond it',
      { sequences: [{ ...sequence, until: '20' }] },
      { sequences: [{ ...sequence, value: '21' }] },
      ['sequence "public"."s": between 10 and 20 in the backup, at 21 here'],
    ],
    [
      'no sequence that goes down',
      { sequences: [{ ...sequence, until: '-20' }] },
      { sequences: [{ ...sequence, value: '-9223372036854775807' }] },
      ['sequence "public"."s": between 10 and -20 in the backup, at -9223372036854775807 here'],
    ],
    [
      'large objects by number',
      {},
      { largeObjects: { count: 1, bytes: 7, hash: '1:9' } },
      ['large objects: 2 in the backup, 1 here'],
    ],
    [
      'large objects by size',
      {},
      { largeObjects: { count: 2, bytes: 8, hash: '1:9' } },
      ['large objects: 7 bytes in the backup, 8 here'],
    ],
    [
      'large objects by content',
      {},
      { largeObjects: { count: 2, bytes: 7, hash: '1:8' } },
      ['large objects: 7 bytes in both, but what they hold differs'],
    ],
    ['an index', {}, { objects: [] }, ['index public.a_pkey: missing here']],
    [
      'each once, in order',
      {},
      { encoding: 'LATIN1', tables: [{ ...table, name: 'b' }], objects: [] },
      [
        'encoding: UTF8 in the backup, LATIN1 here',
        'table "public"."a": missing here',
        'table "public"."b": not in the backup, but here',
        'index public.a_pkey: missing here',
      ],
    ],
  ])('%s', (_, backup, here, said) => {
    const found = compareCatalogs({ ...catalog, ...backup }, { ...catalog, ...here })
    expect(found.map(({ what, text }) => `${what}: ${text}`)).toEqual(said)
  })

  test('no object where an earlier backup did not write them down', () => {
    const { objects: _, ...earlier } = catalog
    expect(compareCatalogs(earlier, catalog)).toEqual([])
  })
})

test('a sequence that moved between two looks says how far', () => {
  const later = [
    { ...sequence, value: '12' },
    { ...sequence, name: 't' },
  ]
  expect(spanned([sequence, { ...sequence, name: 't' }, { ...sequence, name: 'gone' }], later)).toEqual([
    { ...sequence, until: '12' },
    { ...sequence, name: 't' },
    { ...sequence, name: 'gone' },
  ])
})
