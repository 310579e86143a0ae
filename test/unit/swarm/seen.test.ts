import { describe, expect, test } from 'vitest'
import type { StackLook } from '../../../lib/swarm/look.ts'
import type { Node } from '../../../lib/swarm/node.ts'
import type { Service, Task } from '../../../lib/swarm/service.ts'
import { seen } from '../../../playbooks/on-swarm/status.ts'
import { judgeStack } from '../../../roles/swarm/checks.ts'

const node = (hostname: string, more: Partial<Node> = {}): Node => ({
  id: `id-${hostname}`,
  hostname,
  role: 'manager',
  availability: 'active',
  labels: {},
  state: 'ready',
  leader: hostname === 'swarm-1',
  reachable: true,
  ...more,
})

const service = (name: string, more: Partial<Service> = {}): Service => ({
  id: name,
  name,
  mode: { kind: 'replicated', replicas: 2 },
  constraints: [],
  monitorSeconds: 15,
  restart: 'any',
  update: undefined,
  ...more,
})

const task = (serviceId: string, nodeId: string, more: Partial<Task> = {}): Task => ({
  id: `${serviceId}-${nodeId}`,
  serviceId,
  slot: 1,
  nodeId: `id-${nodeId}`,
  desired: 'running',
  state: 'running',
  since: 500,
  created: 500,
  error: '',
  exitCode: undefined,
  ...more,
})

const well: StackLook = {
  now: 1000,
  nodes: [node('swarm-2'), node('swarm-1'), node('swarm-3')],
  services: [service('web'), service('api')],
  tasks: [task('api', 'swarm-1'), task('api', 'swarm-2'), task('web', 'swarm-3'), task('web', 'swarm-1')],
}

test('status shows nodes and services by their names, and what runs where', () => {
  const { nodes, services } = seen(well)
  expect(nodes.map(({ node, leader, tasks }) => [node, leader, tasks])).toEqual([
    ['swarm-1', true, 2],
    ['swarm-2', false, 1],
    ['swarm-3', false, 1],
  ])
  expect(services).toEqual([
    { service: 'api', running: 2, wanted: 2, verdict: 'converged', on: ['swarm-1', 'swarm-2'] },
    { service: 'web', running: 2, wanted: 2, verdict: 'converged', on: ['swarm-1', 'swarm-3'] },
  ])
})

test('a task that was told to end does not count as one that runs', () => {
  const tasks = [task('api', 'swarm-1'), task('api', 'swarm-2', { desired: 'shutdown' })]
  const [api] = seen({ ...well, services: [service('api')], tasks }).services
  expect(api).toMatchObject({ running: 1, wanted: 2, verdict: 'converging', on: ['swarm-1'] })
})

describe('health says of a stack', () => {
  const of = (more: Partial<StackLook>) =>
    judgeStack({ ...well, ...more }).map(
      ({ service = 'swarm', verdict, seen }) => `${service} ${verdict}: ${seen}`,
    )

  test('that is well: how many nodes, managers and tasks there are', () => {
    expect(of({})).toEqual([
      'swarm ok: 3 nodes, 3 of 3 managers have a say',
      'web ok: 2 of 2 run',
      'api ok: 2 of 2 run',
    ])
  })

  test.each<[string, Partial<StackLook>, RegExp]>([
    [
      'a node that is down',
      { nodes: [node('swarm-1'), node('swarm-2', { state: 'down', reachable: false })] },
      /^swarm failed: 2 nodes, 1 of 2 managers have a say, swarm-2 is down$/,
    ],
    [
      'a node that is drained',
      { nodes: [node('swarm-1'), node('swarm-2', { availability: 'drain' })] },
      /^swarm warning: .*, swarm-2: drain$/,
    ],
    [
      'a service that lacks a task',
      { services: [service('api')], tasks: [task('api', 'swarm-1')] },
      /^api warning: converging: 1 of 2 run$/,
    ],
    [
      'an update that is paused',
      { services: [service('api', { update: { state: 'paused', message: 'too many failures' } })] },
      /^api failed: stuck: too many failures$/,
    ],
    [
      'an update that was taken back',
      { services: [service('api', { update: { state: 'rollback_completed', message: 'rolled back' } })] },
      /^api warning: rolled back: /,
    ],
    [
      'a stack that was never deployed',
      { services: [], tasks: [] },
      /^swarm warning: nothing is deployed yet$/,
    ],
  ])('%s', (_, more, line) => {
    expect(of(more)).toContainEqual(expect.stringMatching(line))
  })
})
