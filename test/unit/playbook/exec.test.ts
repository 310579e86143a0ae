import { describe, expect, test } from 'vitest'
import type { Host } from '../../../lib/inventory/inventory.ts'
import { choose, placesOf } from '../../../lib/playbook/exec/place.ts'
import { demandCommand } from '../../../lib/playbook/exec/words.ts'
import { Args } from '../../../lib/playbook/flags.ts'

const hostNamed = (name: string) => ({ name, groups: ['all'], vars: {} }) as unknown as Host
const task = 'abcdefghijklmnopqrstuvwxy'
const places = [
  ...placesOf(hostNamed('app-1'), 'api-blue-1 blue\napi-green-1 green\nweb-blue-1 blue\n'),
  ...placesOf(hostNamed('db-1'), 'postgres \n'),
  ...placesOf(hostNamed('swarm-1'), `agentlab_nginx.${task}.${task} \nagentlab_worker.2.${task} \n`),
]

describe('where a command is run', () => {
  test.each([
    ['api', 'green', 'api-green-1'],
    ['api', 'blue', 'api-blue-1'],
    ['api-blue-1', 'green', 'api-blue-1'],
    ['postgres', undefined, 'postgres'],
    ['nginx', undefined, `agentlab_nginx.${task}.${task}`],
    ['worker', undefined, `agentlab_worker.2.${task}`],
    // One edge serves blue and another green: any is better than none.
    ['web', undefined, 'web-blue-1'],
  ])('%s, of %s', (service, live, container) => {
    expect(choose(places, service, live).container).toBe(container)
  })

  test('a service that there is not is said, with the nearest', () => {
    expect(() => choose(places, 'postgrse', undefined)).toThrow(
      expect.objectContaining({
        message: 'no container of "postgrse" runs',
        hint: 'did you mean `postgres`?',
      }),
    )
    expect(() => choose([], 'api', undefined)).toThrow(
      expect.objectContaining({ hint: 'no container runs at all' }),
    )
  })
})

test.each([
  [[], 'in which service?'],
  [['api'], 'what is to be run in api?'],
])('a command line of %j is refused', (words, why) => {
  expect(() => demandCommand(new Args({}, words))).toThrow(why)
})
