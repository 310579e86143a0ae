import { expect, test } from 'vitest'
import { type Sized, shareOut, worthwhile } from '../../../../lib/backup/postgres/share-out.ts'

const table = (name: string, mb: number, more: Partial<Sized> = {}): Sized => ({
  schema: 'public',
  name,
  kind: 'table',
  condition: '',
  member: false,
  size: String(mb * 1024 * 1024),
  ...more,
})
const names = (...[tables, dumps, large]: Parameters<typeof shareOut>) =>
  shareOut(tables, dumps, large).map((each) => each.map(({ name }) => name))

test('the largest go where the least is, and the rest stays in the main dump', () => {
  const tables = [table('a', 100), table('b', 90), table('c', 50), table('d', 40), table('e', 1)]
  expect(names(tables, 2)).toEqual([['a', 'd']])
  expect(names(tables, 3)).toEqual([['a'], ['b']])
  expect(names(tables, 9)).toEqual([['a'], ['b'], ['c'], ['d']])
})

test.each([
  ['one dump', [table('a', 100), table('b', 100)], 1],
  ['nothing large', [table('a', 1), table('b', 1)], 4],
  ['one table alone', [table('a', 900)], 4],
  ['a materialized view', [table('a', 900), table('v', 800, { kind: 'matview' })], 4],
] as const)('%s stays together', (_, tables, dumps) => {
  expect(shareOut(tables, dumps)).toEqual([])
})

test('large objects are in the main dump, which has the less of other things', () => {
  const tables = [table('a', 100), table('b', 90), table('c', 50), table('d', 40)]
  expect(names(tables, 2, 95 * 1024 * 1024)).toEqual([['a', 'c', 'd']])
  expect(names([table('a', 100)], 2, 95 * 1024 * 1024)).toEqual([['a']])
})

test('what an extension brings stays with it', () => {
  const own = table('own', 800, { member: true })
  const some = table('some', 800, { condition: 'where id > 9' })
  expect(names([table('a', 900), own, some], 4)).toEqual([['a']])
})

test('each table is in one dump at the most, and none of them is small', () => {
  const tables = Array.from({ length: 500 }, (_, n) => table(`t${n}`, (n * 7919) % 300))
  const all = shareOut(tables, 5).flat()
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
  const sizes = new Map(tables.map(({ name, size }) => [name, Number(size)]))
  expect(Math.min(...all.map(({ name }) => sizes.get(name) ?? 0))).toBeGreaterThanOrEqual(worthwhile)
})
