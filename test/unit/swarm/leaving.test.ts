import { describe, expect, test } from 'vitest'
import type { Host } from '../../../lib/inventory/inventory.ts'
import { type Cluster, departed, leftBehind, strangers, unplaced } from '../../../lib/swarm/cluster.ts'
import { leftToMove } from '../../../lib/swarm/depart.ts'
import { aloneOn, hindrances, toMove } from '../../../lib/swarm/hindrance.ts'
import type { Member } from '../../../lib/swarm/member.ts'
import type { Node } from '../../../lib/swarm/node.ts'
import type { Task } from '../../../lib/swarm/service.ts'
import { uneven } from '../../../lib/swarm/spread.ts'
import type { Resident, Whole } from '../../../lib/swarm/whole.ts'

const node = (id: string, more: Partial<Node> = {}): Node => ({
  id,
  hostname: id,
  role: 'worker',
  availability: 'active',
  labels: {},
  state: 'ready',
  leader: false,
  reachable: false,
  ...more,
})
const ours = (id: string, host = id, more: Partial<Node> = {}) =>
  node(id, { labels: { 'quayside.host': host }, ...more })
const host = (name: string): Host => ({ name }) as Host
const member = (nodeId: string): Member => ({
  state: nodeId === '' ? 'inactive' : 'active',
  nodeId,
  manager: false,
  error: '',
  remotes: [],
})
const cluster = (
  nodes: readonly Node[],
  members: Readonly<Record<string, string>>,
  unreachable: readonly string[] = [],
): Cluster => ({
  nodes,
  members: new Map(Object.entries(members).map(([name, id]) => [name, member(id)])),
  via: host('a'),
  unreachable,
})
const ids = (nodes: readonly Node[]) => nodes.map(({ id }) => id)

describe('whose a node is, by the inventory a and b', () => {
  const inventory = [host('a'), host('b')]
  const both = { a: 'a', b: 'b' }
  test.each([
    ['all there', [ours('a'), ours('b')], both, [], { gone: [], alien: [] }],
    [
      'one made for a host that is no more',
      [ours('a'), ours('b'), ours('c')],
      both,
      [],
      { gone: ['c'], alien: [] },
    ],
    [
      'one that somebody else brought',
      [ours('a'), ours('b'), node('c')],
      both,
      [],
      { gone: [], alien: ['c'] },
    ],
    ['a host by another name', [ours('a'), ours('b', 'old')], both, [], { gone: [], alien: [] }],
    [
      'a host that may be it, and cannot be asked',
      [ours('a'), ours('x', 'old')],
      { a: 'a' },
      ['b'],
      { gone: [], alien: [] },
    ],
    [
      'a host that cannot be asked and is known',
      [ours('a'), ours('b'), ours('c')],
      { a: 'a' },
      ['b'],
      { gone: ['c'], alien: [] },
    ],
    [
      'another machine by the name of one',
      [ours('a'), ours('b-new', 'b'), ours('b-old', 'b')],
      { a: 'a', b: 'b-new' },
      [],
      { gone: ['b-old'], alien: [] },
    ],
    [
      'another machine that has not joined yet',
      [ours('a'), ours('b-old', 'b')],
      { a: 'a', b: '' },
      [],
      { gone: [], alien: [] },
    ],
  ] as const)('%s', (_, nodes, members, unreachable, { gone, alien }) => {
    const seen = cluster(nodes, members, unreachable)
    expect(ids(departed(seen, inventory))).toEqual(gone)
    expect(ids(strangers(seen, inventory))).toEqual(alien)
  })

  test('what a host left behind is told by the name it was made for', () => {
    const seen = cluster(
      [ours('a'), ours('b'), ours('b-old', 'b', { state: 'down', hostname: 'ip-10-0-0-7' })],
      both,
    )
    expect(ids(leftBehind(seen))).toEqual(['b-old'])
    expect(unplaced(cluster([ours('a')], { a: 'a' }, ['b']), inventory)).toEqual(['b'])
  })
})

const service = (name: string, more: Partial<Resident> = {}): Resident => ({
  id: name,
  name,
  mode: { kind: 'replicated', replicas: 2 },
  constraints: [],
  monitorSeconds: 5,
  restart: 'any',
  update: undefined,
  stack: 'agentlab',
  volumes: [],
  ...more,
})
const task = (serviceId: string, nodeId: string, more: Partial<Task> = {}): Task => ({
  id: `${serviceId}@${nodeId}`,
  serviceId,
  slot: 1,
  nodeId,
  desired: 'running',
  state: 'running',
  since: 10,
  created: 10,
  error: '',
  exitCode: undefined,
  ...more,
})
const database = service('postgres', {
  mode: { kind: 'replicated', replicas: 1 },
  constraints: ['node.labels.postgres == true'],
  volumes: ['agentlab_postgres-data'],
})
const edge = service('nginx', { mode: { kind: 'global' }, constraints: ['node.labels.edge == true'] })
const whole = (
  services: readonly Resident[],
  tasks: readonly Task[],
  nodes: readonly Node[] = [node('x'), node('y')],
): Whole => ({ now: 100, services, tasks, nodes })
const ended = { desired: 'shutdown', state: 'shutdown' }

describe('what keeps node x from leaving', () => {
  const labelled = node('x', { labels: { postgres: 'true', edge: 'true' } })
  const nodes = [labelled, node('y')]
  test.each([
    ['nothing runs there', whole([service('api')], [task('api', 'y')]), []],
    ['what runs there fits elsewhere', whole([service('api')], [task('api', 'x')]), []],
    [
      'its data is there',
      whole([database], [task('postgres', 'x')], nodes),
      ['data postgres agentlab_postgres-data'],
    ],
    [
      'its data is there, and it runs nowhere: the node was drained before',
      whole([database], [task('postgres', 'x', ended), task('postgres', '', { state: 'pending' })], nodes),
      ['data postgres agentlab_postgres-data'],
    ],
    [
      'its data has moved',
      whole([database], [task('postgres', 'x', ended), task('postgres', 'y')], nodes),
      [],
    ],
    [
      'it moved to a node that leaves as well',
      whole([database], [task('postgres', 'x', ended), task('postgres', 'z')], [...nodes, node('z')]),
      ['data postgres agentlab_postgres-data'],
    ],
    [
      'data without a place of its own',
      whole([{ ...database, constraints: [] }], [task('postgres', 'y')]),
      [],
    ],
    ['no other edge', whole([edge], [task('nginx', 'x')], nodes), ['nowhere nginx node.labels.edge == true']],
    [
      'another edge, which is drained',
      whole(
        [edge],
        [task('nginx', 'x')],
        [labelled, node('y', { labels: { edge: 'true' }, availability: 'drain' })],
      ),
      ['nowhere nginx node.labels.edge == true'],
    ],
    [
      'another edge',
      whole([edge], [task('nginx', 'x')], [labelled, node('y', { labels: { edge: 'true' } })]),
      [],
    ],
    [
      'a job',
      whole([service('migrate', { mode: { kind: 'job', replicas: 1 } })], [task('migrate', 'x')]),
      [],
    ],
  ])('%s', (_, seen, expected) => {
    const found = hindrances(labelled, seen, [labelled, node('z')])
    expect(found.map(({ kind, service, what }) => `${kind} ${service} ${what.join()}`)).toEqual(expected)
  })
})

test('what moves is what ran there; what runs nowhere else is started elsewhere first', () => {
  const seen = whole(
    [service('api'), service('web'), service('other'), edge],
    [
      task('api', 'x'),
      task('api', 'x'),
      task('web', 'x'),
      task('web', 'y'),
      task('other', 'y'),
      task('nginx', 'x'),
    ],
  )
  const moving = toMove(node('x'), seen)
  expect(moving.map(({ name }) => name)).toEqual(['api', 'web', 'nginx'])
  expect(aloneOn(node('x'), moving, seen).map(({ name }) => name)).toEqual(['api'])
})

describe('what is still to come before x can go', () => {
  const left = (tasks: readonly Task[], nodes?: readonly Node[]) => {
    try {
      return leftToMove(node('x'), [service('api')], whole([service('api')], tasks, nodes), 50)
    } catch (error) {
      return error instanceof Error ? error.message : error
    }
  }
  const gone = task('api', 'x', ended)
  test.each([
    ['its tasks end', [task('api', 'x', { desired: 'shutdown' })], ['api: 1 of its tasks end']],
    ['one runs elsewhere', [gone, task('api', 'y')], ['api: 1 of 2 tasks run elsewhere']],
    ['both do', [gone, task('api', 'y'), task('api', 'y')], []],
    [
      'both do, one of them for a moment',
      [gone, task('api', 'y'), task('api', 'y', { since: 98 })],
      ['api: 2 of 2 tasks run elsewhere'],
    ],
    [
      'there is no room',
      [
        gone,
        task('api', 'y'),
        task('api', '', { state: 'pending', error: 'insufficient resources', created: 50 }),
      ],
      'api: insufficient resources',
    ],
  ])('%s', (_, tasks, expected) => {
    const counted = left(tasks)
    expect(counted).toEqual(expected)
  })

  test('what a node that is down said last is not waited for', () => {
    const nodes = [node('x', { state: 'down' }), node('y')]
    expect(left([task('api', 'x'), task('api', 'y'), task('api', 'y')], nodes)).toEqual([])
  })
})

test.each([
  ['a new node has none, another two', ['x', 'x'], {}, ['api']],
  ['each has one', ['x', 'y'], {}, []],
  ['one is all there is', ['x'], {}, []],
  ['it keeps data', ['x', 'x'], { volumes: ['data'] }, []],
  ['the new node does not fit', ['x', 'x'], { constraints: ['node.id == x'] }, []],
  ['of another stack', ['x', 'x'], { stack: 'other' }, []],
])('spread: %s', (_, places, more, expected) => {
  const tasks = places.map((each) => task('api', each))
  expect(uneven(whole([service('api', more)], tasks), 'agentlab').map(({ name }) => name)).toEqual(expected)
})
