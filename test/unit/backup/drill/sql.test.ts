import { describe, expect, test } from 'vitest'
import { judge } from '../../../../lib/backup/drill/assertions.ts'
import { fraction, pick } from '../../../../lib/backup/drill/pick.ts'
import { hits, sampleSql, searchSql, type VectorIndex } from '../../../../lib/backup/drill/recall.ts'
import { judgeRedis, keysIn } from '../../../../lib/backup/drill/redis.ts'
import { Progress } from '../../../../lib/backup/drill/restore.ts'
import { orphansSql } from '../../../../lib/backup/drill/validity.ts'

const index: VectorIndex = {
  oid: 16_500,
  schema: 'public',
  name: 'items_embedding_idx',
  table: 'items',
  tableSchema: 'public',
  method: 'hnsw',
  subject: 'embedding',
  type: 'vector',
  operator: 'OPERATOR(public.<=>)',
  predicate: null,
  lists: null,
}

describe('a search for the nearest', () => {
  test.each(['<->', '<#>', '<=>', '<+>', '<~>', '<%%>'])(
    'by the operator of the ops class: %s',
    (operator) => {
      const sql = searchSql({ ...index, operator: `OPERATOR(public.${operator})` })
      expect(sql).toBe(
        `select (embedding OPERATOR(public.${operator}) $1::vector)::float8 as distance from only "public"."items" order by embedding OPERATOR(public.${operator}) $1::vector limit 10`,
      )
    },
  )

  test('by an index that is partial, of an expression, on a table with an odd name', () => {
    const odd = {
      ...index,
      table: 'a "b"',
      subject: '((e)::halfvec(3))',
      type: 'halfvec',
      predicate: "(kind = 'a'::text)",
    }
    expect(searchSql(odd)).toBe(
      `select (((e)::halfvec(3)) OPERATOR(public.<=>) $1::halfvec)::float8 as distance from only "public"."a ""b""" where (kind = 'a'::text) order by ((e)::halfvec(3)) OPERATOR(public.<=>) $1::halfvec limit 10`,
    )
    expect(sampleSql(odd, 5)).toMatch(/ and \(kind = 'a'::text\) order by random\(\) limit 5$/)
  })
})

test.each([
  [[1, 2, 3], [1, 2, 3], 3],
  [[1, 2, 3], [1, 3, 9], 2],
  [[1, 2, 2], [2, 2, 2, 2], 3], // of those that are equally near either will do
  [[0.1 + 0.2], [0.3], 1],
  [[-3, -2], [-3, -2.0000001], 2], // inner products are negative
  [[1, 2], [], 0],
  [[], [1], 0],
])('of %j a search that gives %j has found %i', (exact, found, count) => {
  expect(hits(exact, found)).toBe(count)
})

describe('foreign keys', () => {
  const equals = 'OPERATOR(pg_catalog.=)'
  const pairs = [
    ['a', 'x', equals],
    ['b', 'y', equals],
  ] as const

  test('a row with a column that is null refers to nothing, and may', () => {
    expect(
      orphansSql({ table: 'public.c', target: 'public.p', only: ['only ', ''], pairs, full: false }),
    ).toBe(
      `select count(*) as count from only public.c a where a.a is not null and a.b is not null and not exists (select from public.p b where b.x ${equals} a.a and b.y ${equals} a.b)`,
    )
  })

  test('with MATCH FULL it may not be one column alone', () => {
    expect(orphansSql({ table: 'c', target: 'p', only: ['', ''], pairs, full: true })).toMatch(
      / or \(a\.a is not null or a\.b is not null\) and not \(a\.a is not null and a\.b is not null\)$/,
    )
  })
})

test.each([
  [[{ ok: true }], undefined],
  [[{ ok: false }], 'it is false'],
  [[{ ok: null }], 'it is null, not true'],
  [[{ count: '3' }], 'it gives no single boolean'],
  [[{ a: true, b: true }], 'it gives no single boolean'],
  [[], 'it gives 0 rows, not one with a boolean'],
  [[{ a: true }, { a: true }], 'it gives 2 rows, not one with a boolean'],
])('an assertion that gives %j: %s', (rows, fault) => {
  expect(judge(rows)).toBe(fault)
})

test('keys of all databases of Redis are counted', () => {
  expect(keysIn('# Keyspace\r\ndb0:keys=12,expires=3,avg_ttl=0\r\ndb3:keys=1,expires=0,avg_ttl=0\r\n')).toBe(
    13,
  )
  expect(keysIn('# Keyspace\r\n')).toBe(0)
})

test.each([
  ['db0:keys=12,expires=0\nDone loading RDB, keys loaded: 12, keys expired: 0.', 12, false],
  // A cache: all of it has had its time.
  ['# Keyspace\n1:M * Done loading RDB, keys loaded: 0, keys expired: 3.', 3, false],
  ['# Keyspace\n1:M * Done loading RDB, keys loaded: 0, keys expired: 0.', 3, true],
  ['# Keyspace\n', 3, true],
  ['# Keyspace\n', 0, false],
])('a Redis that says %j, of %i keys: it came up empty: %s', (said, taken, empty) => {
  expect(judgeRedis(said, taken).problems !== undefined).toBe(empty)
})

describe('a choice by chance', () => {
  const names = Array.from({ length: 40 }, (_, at) => `backup-${String(at).padStart(2, '0')}`)

  test('is the same for the same seed, in whatever order the names come', () => {
    expect(pick([...names].reverse(), 4711)).toBe(pick(names, 4711))
  })

  test('comes to most of them', () => {
    const chosen = new Set(Array.from({ length: 400 }, (_, seed) => pick(names, seed)))
    expect(chosen.size).toBeGreaterThan(35)
  })

  test('of nothing is an error, and a fraction is one', () => {
    expect(() => pick([], 1)).toThrow('nothing to choose from')
    for (const seed of [0, 1, 4711]) expect(Math.abs(fraction(seed) - 0.5)).toBeLessThanOrEqual(0.5)
  })
})

test('what pg_restore says while it works becomes times of its parts, and its errors are kept', () => {
  const progress = new Progress()
  const said: readonly (readonly [string, number])[] = [
    ['pg_restore: connecting to database for restore', 0],
    ['pg_restore: launching item 3357 INDEX items embedding idx', 100],
    ['pg_restore: launching item 3358 FK CONSTRAINT child child_fkey', 120],
    ['pg_restore: finished item 3357 INDEX items embedding idx', 1100],
    ['pg_restore: error: could not execute query: ERROR:  type "vector" does not exist', 1200],
    ['Command was: CREATE TABLE public.items (', 1201],
  ]
  for (const [line, at] of said) progress.hear(line, at)
  expect(progress.restored).toEqual([{ kind: 'INDEX', name: 'items embedding idx', ms: 1000 }])
  expect(progress.errors).toEqual([said[4]?.[0], said[5]?.[0]])
})
