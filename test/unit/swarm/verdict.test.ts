import { expect, test } from 'vitest'
import type { Node } from '../../../lib/swarm/node.ts'
import type { Service, Task } from '../../../lib/swarm/service.ts'
import { type Verdict, verdictOf } from '../../../lib/swarm/verdict.ts'

const now = 1000
const deployed = 900

const node = (id: string, more: Partial<Node> = {}): Node => ({
  id,
  hostname: id,
  role: 'worker',
  availability: 'active',
  labels: { edge: 'true' },
  state: 'ready',
  leader: false,
  reachable: false,
  ...more,
})
const three = [node('n1'), node('n2'), node('n3', { labels: {} })]

const service = (more: Partial<Service> = {}): Service => ({
  id: 's',
  name: 'api',
  mode: { kind: 'replicated', replicas: 2 },
  constraints: [],
  monitorSeconds: 15,
  restart: 'any',
  update: undefined,
  ...more,
})

/** A task that has been so for this many seconds. */
const task = (state: string, seconds: number, more: Partial<Task> = {}): Task => ({
  id: `${state}${seconds}`,
  serviceId: 's',
  slot: 1,
  nodeId: 'n1',
  desired: state === 'running' || state === 'pending' || state === 'starting' ? 'running' : 'shutdown',
  state,
  since: now - seconds,
  created: now - seconds,
  error: '',
  exitCode: undefined,
  ...more,
})
const well = [task('running', 60), task('running', 60, { slot: 2, nodeId: 'n2' })]
const edges = { mode: { kind: 'global' }, constraints: ['node.labels.edge == true'] } as const
const updated = (state: NonNullable<Service['update']>['state'], message = '') => ({
  update: { state, message },
})

const cases: readonly (readonly [string, Partial<Service>, readonly Task[], readonly Node[], string])[] = [
  ['all have run for long', {}, well, three, 'converged 2 of 2'],
  ['just started', {}, [task('running', 3), task('running', 60)], three, 'converging 2 of 2'],
  ['an update that the swarm has watched', updated('completed'), well, three, 'converged 2 of 2'],
  [
    'a new leader calls an update complete that nobody has watched',
    updated('completed'),
    [task('running', 3), task('running', 60)],
    three,
    'converging 2 of 2',
  ],
  ['nothing of it runs yet', {}, [], three, 'converging 0 of 2'],
  ['half of an update', updated('updating'), [task('running', 60)], three, 'converging 1 of 2'],
  [
    'on a node that is down',
    {},
    well,
    [node('n1'), node('n2', { state: 'down' }), node('n3')],
    'converging 1 of 2',
  ],
  [
    'on a node that a new leader has not heard of yet',
    {},
    well,
    [node('n1'), node('n2', { state: 'unknown' }), node('n3')],
    'converging 1 of 2',
  ],
  ['one on each node that fits', edges, well, three, 'converged 2 of 2'],
  ['one edge less', edges, [task('running', 60)], three, 'converging 1 of 2'],
  [
    'a drained edge is not waited for',
    edges,
    [task('running', 60)],
    [node('n1'), node('n2', { availability: 'drain' })],
    'converged 1 of 1',
  ],
  ['no node fits', edges, [], [node('n3', { labels: {} })], 'stuck: no node fits node.labels.edge == true'],
  [
    'the swarm takes it back',
    updated('rollback_started', 'update rolled back due to failure'),
    [],
    three,
    'rolling back: update rolled back due to failure',
  ],
  [
    'the swarm took it back: never a success',
    updated('rollback_completed', 'rollback completed'),
    well,
    three,
    'rolled back: rollback completed',
  ],
  [
    'the rollback failed, too',
    updated('rollback_paused', 'rollback paused due to failure'),
    [],
    three,
    'stuck: rollback paused due to failure',
  ],
  [
    'paused',
    updated('paused', 'update paused due to failure'),
    well,
    three,
    'stuck: update paused due to failure',
  ],
  [
    'a new service that fails once',
    {},
    [task('failed', 20), task('starting', 2)],
    three,
    'converging 0 of 2',
  ],
  [
    'a new service that fails again and again',
    {},
    [task('failed', 50), task('failed', 30), task('rejected', 10, { error: 'No such image' })],
    three,
    'stuck: it failed 3 times (rejected10)',
  ],
  [
    'failures of long ago count for nothing',
    {},
    [task('failed', 500), task('failed', 400), task('failed', 300), ...well],
    three,
    'converged 2 of 2',
  ],
  [
    'the swarm judges failures of an update',
    updated('updating'),
    [task('failed', 50), task('failed', 30), task('failed', 10)],
    three,
    'converging 0 of 2',
  ],
  [
    'after an update nobody judges failures',
    updated('completed'),
    [task('failed', 50), task('failed', 30), task('failed', 10), task('running', 4)],
    three,
    'stuck: it failed 3 times (failed10)',
  ],
  [
    'no room, for a moment',
    {},
    [task('pending', 10, { error: 'no suitable node' })],
    three,
    'converging 0 of 2',
  ],
  [
    'no room',
    {},
    [task('pending', 40, { error: 'no suitable node (insufficient resources on 3 nodes)' })],
    three,
    'stuck: no suitable node (insufficient resources on 3 nodes) (pending40)',
  ],
  [
    'a job that has ended',
    { mode: { kind: 'job', replicas: 1 }, restart: 'none' },
    [task('complete', 1)],
    three,
    'converged 1 of 1',
  ],
  [
    'a job at work',
    { mode: { kind: 'job', replicas: 1 }, restart: 'none' },
    [task('running', 50)],
    three,
    'converging 0 of 1',
  ],
  [
    'a job that failed',
    { mode: { kind: 'job', replicas: 1 }, restart: 'none' },
    [task('failed', 1)],
    three,
    'stuck: it ended with a failure (failed1)',
  ],
  [
    'a service that runs once',
    { restart: 'none' },
    [task('complete', 9), task('complete', 8)],
    three,
    'converged 2 of 2',
  ],
]

test.each(cases)('%s', (_, more, tasks, nodes, expected) => {
  expect(told(verdictOf({ service: service(more), tasks, nodes, now, deployed }))).toBe(expected)
})

function told(verdict: Verdict): string {
  if ('done' in verdict) return `${verdict.kind} ${verdict.done} of ${verdict.wanted}`
  const task = 'task' in verdict && verdict.task !== undefined ? ` (${verdict.task.id})` : ''
  return `${verdict.kind}: ${verdict.why}${task}`
}
