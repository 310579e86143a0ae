import { expect, test } from 'vitest'
import { parseContainers } from '../../../lib/compose/containers.ts'
import { verdictOf } from '../../../lib/compose/verdict.ts'

const line = JSON.stringify({
  Service: 'nginx',
  State: 'running',
  Health: 'healthy',
  ExitCode: 0,
  Publishers: [
    { URL: '127.0.0.1', TargetPort: 8443, PublishedPort: 8444, Protocol: 'tcp' },
    { URL: '', TargetPort: 80, PublishedPort: 0, Protocol: 'tcp' },
  ],
})
const nginx = {
  service: 'nginx',
  state: 'running',
  health: 'healthy',
  exitCode: 0,
  ports: [{ published: 8444, target: 8443 }],
}

test.each([
  ['an object a line', `${line}\n${line}\n`, [nginx, nginx]],
  ['one list, as Compose wrote it before 2.21', `[${line}]\n`, [nginx]],
  ['an empty list', '[]', []],
  ['nothing', '\n', []],
  [
    'no publishers, no health',
    JSON.stringify({ Service: 'migrate', State: 'exited', ExitCode: 3, Publishers: null }),
    [{ service: 'migrate', state: 'exited', health: '', exitCode: 3, ports: [] }],
  ],
])('reads %s', (_, text, expected) => {
  expect(parseContainers(text)).toEqual(expected)
})

const said = (state: string, health = '', exitCode = 0) => ({ ...nginx, state, health, exitCode })

test.each([
  ['is not there yet', undefined, false, 'waiting'],
  ['was only created', said('created'), false, 'waiting'],
  ['runs, and its check has not answered', said('running', 'starting'), false, 'waiting'],
  ['runs and is healthy', said('running', 'healthy'), false, 'ready'],
  ['runs, and nothing checks it', said('running'), false, 'ready'],
  ['runs unhealthily', said('running', 'unhealthy'), false, 'its health check fails'],
  ['has ended well, and should stay', said('exited'), false, 'it ended with exit code 0'],
  ['has ended well, and should', said('exited'), true, 'ready'],
  ['still does its one thing', said('running'), true, 'waiting'],
  ['did its one thing badly', said('exited', '', 3), true, 'it ended with exit code 3'],
  ['ends again and again', said('restarting', '', 1), false, 'it ends and is started again (exit code 1)'],
])('a service that %s', (_, container, once, expected) => {
  const verdict = verdictOf(container, once)
  expect('why' in verdict ? verdict.why : verdict.word).toBe(expected)
})
