import { expect, test } from 'vitest'
import { demandOdd, keepsQuorum, majority } from '../../../lib/swarm/quorum.ts'

test.each([
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 3],
  [5, 3],
  [7, 4],
])('of %i managers %i must agree', (managers, most) => expect(majority(managers)).toBe(most))

/** Managers by name, those that are reached in capitals. */
const voters = (text: string) =>
  [...text].map((id) => ({ id: id.toLowerCase(), reachable: id !== id.toLowerCase() }))

test.each([
  ['ABC', 'c', true],
  ['AB', 'b', true],
  // What is left is alone, and agrees with itself.
  ['Ab', 'b', true],
  // One of two that are left is no majority.
  ['ABc', 'b', false],
  ['ABc', 'c', true],
  ['ABCde', 'c', false],
  ['ABCde', 'd', true],
  ['A', 'a', false],
])('%s without %s: %s', (managers, gone, keeps) => {
  expect(keepsQuorum(voters(managers), gone)).toBe(keeps)
})

test.each([
  [['a'], undefined],
  [['a', 'b', 'c'], undefined],
  [['a', 'b'], '2 of them bear the loss of 0, as 1 do'],
  [['a', 'b', 'c', 'd'], '4 of them bear the loss of 1, as 3 do'],
  [[], 'put one, three or five hosts into group manager'],
])('managers %j', (managers, hint) => {
  if (hint === undefined) expect(() => demandOdd(managers)).not.toThrow()
  else
    expect(() => demandOdd(managers)).toThrow(
      expect.objectContaining({ exitCode: 2, hint: expect.stringContaining(hint) }),
    )
})
