import { expect, test } from 'vitest'
import { attributesOf } from '../../../lib/infra/attributes.ts'
import type { RawChange } from '../../../lib/infra/plan-json.ts'

const of = (change: Partial<RawChange>) =>
  attributesOf({ actions: ['update'], ...change }).map(
    ({ after, before, forces, path }) => `${path}: ${before} -> ${after}${forces ? ' !' : ''}`,
  )

test.each<[string, Partial<RawChange>, string[]]>([
  ['what stays is left out', { before: { a: 1, b: 'x' }, after: { a: 1, b: 'y' } }, ['b: "x" -> "y"']],
  ['null is nothing', { before: { a: null }, after: { a: 'x', b: null } }, ['a: undefined -> "x"']],
  [
    'within maps and lists',
    { before: { tags: { n: 'a' }, l: [1, 2] }, after: { tags: { n: 'b', 'o p': 'c' }, l: [1] } },
    ['tags.n: "a" -> "b"', 'tags."o p": undefined -> "c"', 'l[1]: 2 -> undefined'],
  ],
  ['an empty list comes', { before: { l: null }, after: { l: [] } }, ['l: undefined -> []']],
  [
    'what is known later',
    { before: { id: 'i-1' }, after: {}, after_unknown: { id: true } },
    ['id: "i-1" -> (known when it is made)'],
  ],
  [
    'what forces a replacement, and what is in it',
    { before: { a: { b: 1 }, c: 1 }, after: { a: { b: 2 }, c: 2 }, replace_paths: [['a']] },
    ['a.b: 1 -> 2 !', 'c: 1 -> 2'],
  ],
  [
    'a sensitive value, however deep, before or after',
    {
      before: { p: 'old-old', m: { q: 'old' } },
      after: { p: 'new-new', m: { q: 'new' }, l: ['one', 'two'] },
      before_sensitive: { p: true },
      after_sensitive: { m: { q: true }, l: [false, true] },
    },
    [
      'p: (sensitive) -> (sensitive)',
      'm.q: (sensitive) -> (sensitive)',
      'l[0]: undefined -> "one"',
      'l[1]: undefined -> (sensitive)',
    ],
  ],
  [
    'all of it is sensitive',
    { before: 'a-secret', after: 'b-secret', before_sensitive: true, after_sensitive: true },
    [': (sensitive) -> (sensitive)'],
  ],
  [
    'a sensitive value that stays',
    { before: { p: 'x' }, after: { p: 'x' }, after_sensitive: { p: true } },
    [],
  ],
  [
    'what a terminal would act on',
    { before: {}, after: { a: '\u001b[2J\u009b\u202e' } },
    ['a: undefined -> "\\u001b[2J\\u009b\\u202e"'],
  ],
])('%s', (_, change, expected) => {
  expect(of(change)).toEqual(expected)
})

test('of a long text that part which differs, and a sum by which two that look the same differ', () => {
  const long = (middle: string, end: string) => `${'a'.repeat(200)}${middle}${'b'.repeat(200)}${end}`
  const [line = ''] = of({ before: { t: long('X', '1') }, after: { t: long('Y', '1') } })
  expect(line).toContain('X')
  expect(line).toContain('Y')
  expect(line).toMatch(/\(403|404 characters, sha256 [0-9a-f]{12}\)/)
  const [other] = of({ before: { t: long('X', '1') }, after: { t: long('Y', '2') } })
  expect(other).not.toBe(line)
})
