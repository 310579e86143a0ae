import { expect, test } from 'vitest'
import { onOneLine, printable } from '../../../lib/report/printable.ts'
import { displayWidth, padded, truncate } from '../../../lib/report/width.ts'

test.each<[string, number]>([
  ['plain', 5],
  ['…', 1],
  ['e\u0301', 1],
  ['日本', 4],
  ['ｆｕｌｌ', 8],
  ['한글', 4],
  ['🚢', 2],
  ['👩‍🚀', 2],
  ['❤\ufe0f', 2],
  ['⠋', 1],
  ['\u200b', 0],
])('%s takes %i columns', (text, width) => {
  expect(displayWidth(text)).toBe(width)
})

test.each<[string, number, string]>([
  ['container api', 20, 'container api'],
  ['container api', 13, 'container api'],
  ['container api', 12, 'container a…'],
  ['container api', 11, 'container…'],
  ['日本語です', 6, '日本…'],
  ['日本語です', 5, '日本…'],
  ['日本', 1, '…'],
  ['日本', 0, ''],
])('%s in %i columns is %s', (text, columns, cut) => {
  expect(truncate(text, columns)).toBe(cut)
  expect(displayWidth(truncate(text, columns))).toBeLessThanOrEqual(columns)
})

test('padding counts columns, not characters', () => {
  expect(padded('日本', 6)).toBe('日本  ')
  expect(padded('longer', 3)).toBe('longer')
})

test.each<[string, string]>([
  ['a\u001b[31mred\u001b[0m\tb', 'ared    b'],
  ['\u001b]0;title\u0007text', 'text'],
  ['one\r\ntwo\rthree', 'one\ntwo\nthree'],
  ['bell\u0007 null\u0000', 'bell\ufffd null\ufffd'],
  ['x\u202egnp.exe', 'x\ufffdgnp.exe'],
  ['lone \ud83d surrogate, 🚢', 'lone \ufffd surrogate, 🚢'],
])('%j from a host is shown as %j', (text, shown) => {
  expect(printable(text)).toBe(shown)
})

test('a text of several lines on one', () => {
  expect(onOneLine('install a,\n   b')).toBe('install a, b')
})
