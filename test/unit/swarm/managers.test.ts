import { expect, test } from 'vitest'
import { ConnectionError } from '../../../lib/connection/error.ts'
import { StepError } from '../../../lib/engine/error.ts'
import type { Event } from '../../../lib/engine/event.ts'
import type { Fleet } from '../../../lib/engine/fleet.ts'
import type { Host } from '../../../lib/inventory/inventory.ts'
import { sh } from '../../../lib/script/index.ts'
import { Managers } from '../../../lib/swarm/manager.ts'

const hosts = ['a', 'b'].map((name) => ({ name }) as Host)

/** Managers that answer in turn, each with what stands here; and who was asked. */
function managersThat(answers: readonly (string | Error)[]) {
  const asked: string[] = []
  const told: string[] = []
  const run: Fleet['run'] = async ([host]) => {
    const answer = answers[asked.length]
    const name = host?.name ?? ''
    asked.push(name)
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error('asked once too often')
    return new Map([[name, { stdout: answer, stderr: '', code: 0 }]])
  }
  const emit = (event: Event) => void ('text' in event && told.push(event.text))
  const signal = new AbortController().signal
  return { managers: new Managers({ fleet: { run }, emit, signal }, hosts), asked, told }
}

const refused = (stderr: string) => new StepError('a', 'deploy', { code: 1, stderr })

test('one that goes away is not asked again', async () => {
  const { managers, asked, told } = managersThat([new ConnectionError('a', 'gone'), 'one', 'two'])
  expect([await managers.ask('look', sh``), await managers.ask('look', sh``)]).toEqual(['one', 'two'])
  expect(asked).toEqual(['a', 'b', 'b'])
  expect(told).toEqual(['a does not answer: asking b from now on'])
})

test.each([
  'Error response from daemon: rpc error: The swarm does not have a leader.',
  'curl: (22) The requested URL returned error: 503',
  '{"message":"rpc error: code = DeadlineExceeded desc = context deadline exceeded"}\ncurl: (22) The requested URL returned error: 500',
])('while a leader is chosen the question is asked again: %s', async (said) => {
  const { managers, asked } = managersThat([refused(said), 'one'])
  expect(await managers.ask('look', sh``)).toBe('one')
  expect(asked).toEqual(['a', 'b'])
})

test('what is refused for good is not asked twice', async () => {
  const { managers, asked } = managersThat([
    refused('services.api.image must be a string\ncurl: (22) The requested URL returned error: 400'),
  ])
  await expect(managers.ask('deploy', sh``)).rejects.toThrow('must be a string')
  expect(asked).toEqual(['a'])
})
