import { expect, test } from 'vitest'
import type { Play, Serial } from '../../../lib/engine/play.ts'
import { batchesOf, stopsPlay } from '../../../lib/engine/serial.ts'

const hosts = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']
const sizes = (serial: Serial | readonly Serial[] | undefined, of = hosts) =>
  batchesOf(of, serial).map((batch) => batch.length)

test.each<[Serial | readonly Serial[] | undefined, number[]]>([
  [undefined, [10]],
  [3, [3, 3, 3, 1]],
  [20, [10]],
  ['30%', [3, 3, 3, 1]],
  ['5%', [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]],
  [
    [1, 5, '100%'],
    [1, 5, 4],
  ],
  [
    [1, 2],
    [1, 2, 2, 2, 2, 1],
  ],
])('serial %j makes batches of %j', (serial, expected) => {
  expect(sizes(serial)).toEqual(expected)
})

test('every host is in one batch, in order; no host makes no batch', () => {
  expect(batchesOf(hosts, [1, '35%']).flat()).toEqual(hosts)
  expect(batchesOf([], 3)).toEqual([])
})

test.each([0, -1, 1.5, 'x%' as Serial, []])('serial %j is refused', (serial) => {
  expect(() => sizes(serial as Serial)).toThrow(/serial/)
})

const play = (rest: Partial<Play>): Play => ({ hosts: 'all', roles: [], ...rest })

test.each<[string, Partial<Play>, number, number, boolean]>([
  ['goes on with the others', {}, 10, 3, false],
  ['goes on when all have failed: nobody is left', {}, 3, 3, false],
  ['any error is fatal', { anyErrorsFatal: true }, 10, 1, true],
  ['below the share', { maxFailPercentage: 30 }, 10, 3, false],
  ['above the share', { maxFailPercentage: 30 }, 10, 4, true],
  ['none may fail', { maxFailPercentage: 0 }, 10, 1, true],
  ['none failed', { maxFailPercentage: 0, anyErrorsFatal: true }, 10, 0, false],
  ['a whole batch', { serial: 2 }, 2, 2, true],
  ['half a batch', { serial: 2 }, 2, 1, false],
])('a play %s', (_, rest, size, failed, stops) => {
  expect(stopsPlay(play(rest), { size, failed }) !== undefined).toBe(stops)
})
