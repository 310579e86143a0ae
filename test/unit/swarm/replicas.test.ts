import { expect, test } from 'vitest'
import { replicasOf } from '../../../playbooks/on-swarm/scale.ts'

test('services and numbers', () => {
  expect(replicasOf(['api=3', 'web=12'])).toEqual({ api: 3, web: 12 })
})

test.each([
  [[], /which service, and how many/],
  [['api'], /"api" says no service and number/],
  [['api=-1'], /"api=-1" says no service/],
  [['api=0'], /api=0: none would serve/],
  [['api=2', 'api=3'], /api is named twice/],
])('%j is refused', (words, why) => {
  expect(() => replicasOf(words)).toThrow(why)
})
