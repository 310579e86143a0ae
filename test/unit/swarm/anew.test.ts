import { expect, test } from 'vitest'
import { whyAnew } from '../../../lib/swarm/anew.ts'
import type { Node } from '../../../lib/swarm/node.ts'
import type { Service, Task } from '../../../lib/swarm/service.ts'
import type { Verdict } from '../../../lib/swarm/verdict.ts'

const node = (id: string, state: string): Node => ({
  id,
  hostname: `host-${id}`,
  role: 'worker',
  availability: 'active',
  labels: {},
  state,
  leader: false,
  reachable: false,
})
const service = (state: 'updating' | 'completed' | 'rollback_started' | undefined): Service => ({
  id: 's',
  name: 'api',
  mode: { kind: 'replicated', replicas: 2 },
  constraints: [],
  monitorSeconds: 15,
  restart: 'any',
  update: state === undefined ? undefined : { state, message: '' },
})
const task = (state: string, desired: string, nodeId: string): Task => ({
  id: 't',
  serviceId: 's',
  slot: 1,
  nodeId,
  desired,
  state,
  since: 0,
  created: 0,
  error: '',
  exitCode: undefined,
})

const going: Verdict = { kind: 'converging', done: 1, wanted: 2 }
const unplaced: Verdict = { kind: 'stuck', why: 'no suitable node', task: task('pending', 'running', '') }
const waits = 'its update waits for a task that went down with host-dead'
const cases: readonly (readonly [
  string,
  Verdict,
  Parameters<typeof service>[0],
  Task | undefined,
  string | undefined,
])[] = [
  [
    'an update waits for a task on a dead node',
    going,
    'updating',
    task('preparing', 'shutdown', 'dead'),
    waits,
  ],
  ['… that had not been given to it yet', going, 'updating', task('assigned', 'shutdown', 'dead'), waits],
  ['the swarm has not taken it away yet', going, 'updating', task('preparing', 'running', 'dead'), undefined],
  ['it ran: the update went on', going, 'updating', task('running', 'shutdown', 'dead'), undefined],
  ['its node lives', going, 'updating', task('preparing', 'shutdown', 'alive'), undefined],
  [
    'a rollback: another update would make a success of it',
    { kind: 'rolling back', why: '' },
    'rollback_started',
    task('preparing', 'shutdown', 'dead'),
    undefined,
  ],
  ['no update is under way', going, 'completed', task('preparing', 'shutdown', 'dead'), undefined],
  ['nothing is amiss', going, 'updating', undefined, undefined],
  [
    'a task for which a node fits by now',
    unplaced,
    undefined,
    undefined,
    'a node fits, and the swarm does not see it',
  ],
]

test.each(cases)('%s', (_, verdict, state, one, expected) => {
  const look = {
    now: 0,
    services: [],
    tasks: one === undefined ? [] : [one],
    nodes: [node('dead', 'down'), node('alive', 'ready')],
  }
  expect(whyAnew(verdict, service(state), look)?.why).toBe(expected)
})
