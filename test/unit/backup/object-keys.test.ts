import { expect, test } from 'vitest'
import { amount } from '../../../lib/backup/amount.ts'
import { isOff, skewOf } from '../../../lib/backup/clock.ts'
import { objectKeys, word } from '../../../lib/backup/object-keys.ts'

test.each([
  ['app', 'app'],
  ['/srv/my data', '=2Fsrv=2Fmy=20data'],
  ['a=2F', 'a=3D2F'],
  ['größe', 'gr=C3=B6=C3=9Fe'],
  ['..', '=2E=2E'],
  ["o'clock", 'o=27clock'],
])('%s is the word %s of a key', (name, expected) => {
  expect(word(name)).toBe(expected)
})

test('a volume and a path of one name are two objects, and globals no database', () => {
  expect(objectKeys.volume('a', 'volume', 'x')).not.toBe(objectKeys.volume('a', 'path', 'x'))
  expect(objectKeys.database('globals.sql')).not.toBe(objectKeys.globals)
})

test.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1000, '1.0 kB'],
  [12_345_678, '12.3 MB'],
  [999_600, '1.0 MB'],
  [123_456_789_012, '123 GB'],
])('%d bytes are %s', (bytes, text) => {
  expect(amount(bytes)).toBe(text)
})

test.each([
  ['as ours', 10_000, 9_990, 10_010, 0, false],
  ['ahead', 190_000, 10_000, 10_100, 0, true],
  ['behind', 10_000, 190_000, 190_100, 0, true],
  ['not sure after a slow answer', 80_000, 0, 60_000, 0, false],
  ['coarse, and as ours', 9_000, 9_999, 9_999, 1000, false],
])('a clock is %s', (_, told, asked, answered, grain, off) => {
  expect(isOff(skewOf(told, asked, answered, grain), 60_000)).toBe(off)
})
