import { expect, test } from 'vitest'
import type { Tally } from '../../../lib/engine/event.ts'
import { recap } from '../../../lib/report/recap.ts'
import { tally } from './sample-run.ts'

const table = (tallies: readonly Tally[], rest: { check?: boolean; all?: boolean } = {}) =>
  recap(tallies, { check: false, all: false, paint: (_, text) => text, ...rest })

test('skipped, rescued and left-out are shown where they occur', () => {
  expect(
    table([
      tally('app-1', { unchanged: 9, skipped: 1 }),
      tally('app-2', { changed: 2, rescued: 1 }),
      tally('db-1', { state: 'left-out' }),
    ]),
  ).toEqual([
    '  host   ok  changed  handlers  skipped  rescued  state',
    '  app-1   9        0         0        1        0  ok',
    '  app-2   0        2         0        0        1  ok',
    '  db-1    0        0         0        0        0  left-out',
  ])
})

test('a check shows what is pending', () => {
  expect(table([tally('a', { pending: 3 })], { check: true })).toEqual([
    '  host  ok  pending  handlers  state',
    '  a      0        3         0  ok',
  ])
})

const many = Array.from({ length: 200 }, (_, at) => {
  if (at === 7) return tally('web-7', { unchanged: 3, state: 'failed' })
  return tally(`web-${at}`, at === 9 ? { state: 'unreachable' } : { unchanged: 12, changed: 1 })
})

test('of 200 hosts those that did not end well have a row, and all have a total', () => {
  expect(table(many)).toEqual([
    '  host         ok  changed  handlers  state',
    '  web-7         3        0         0  failed',
    '  web-9         0        0         0  unreachable',
    '  200 hosts  2379      198         0  198 ok, 1 failed, 1 unreachable',
    '  198 hosts that ended well are not shown; -v shows them',
  ])
})

test('with -v each has one', () => {
  expect(table(many, { all: true })).toHaveLength(202)
})

test('hosts with wide names stand straight', () => {
  const [, first, second] = table([tally('日本'), tally('abc')])
  expect(first).toBe('  日本   0        0         0  ok')
  expect(second).toBe('  abc    0        0         0  ok')
})
