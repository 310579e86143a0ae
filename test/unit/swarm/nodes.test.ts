import { expect, test } from 'vitest'
import type { Plan } from '../../../lib/resource/index.ts'
import { Secret } from '../../../lib/secret/index.ts'
import type { Node } from '../../../lib/swarm/node.ts'
import { type Entry, swarmMember } from '../../../roles/swarm/member.ts'
import { absentSwarmNode, drainedSwarmNode, type NodeWish, swarmNode } from '../../../roles/swarm/node.ts'

const wish: NodeWish = {
  name: 'n3',
  id: 'id3',
  role: 'worker',
  availability: 'active',
  labels: { edge: 'true' },
  quorumMayGo: false,
}
const managers = (...each: readonly string[]) => each.map((line) => `manager=${line}\n`).join('')
const three = managers('id1 Leader', 'id2 Reachable', 'id3 Reachable')
const probed = (stdout: string, code = 0) => ({ stdout, stderr: '', code })

const seen = (role: string, availability: string, labels: object, who = three) =>
  probed(`role=${role}\navailability=${availability}\nlabels=${JSON.stringify(labels)}\n${who}`)

const told = (plan: () => Plan): string => {
  try {
    const made = plan()
    return made.kind === 'change' ? made.summary : made.kind
  } catch (error) {
    return `refused: ${error instanceof Error ? error.message : error}`
  }
}

test.each([
  ['as wished', seen('worker', 'active', { edge: 'true' }), {}, 'unchanged'],
  ['labels', seen('worker', 'active', { old: '1', edge: '' }), {}, 'label old removed, label edge=true'],
  [
    'drain',
    seen('worker', 'active', { edge: 'true' }),
    { availability: 'drain' },
    'availability active → drain',
  ],
  ['promote', seen('worker', 'active', { edge: 'true' }), { role: 'manager' }, 'promote'],
  ['demote one of three', seen('manager', 'active', { edge: 'true' }), {}, 'demote'],
  [
    'demote where another is lost already',
    seen('manager', 'active', { edge: 'true' }, managers('id1 Leader', 'id2 Unreachable', 'id3 Reachable')),
    {},
    'refused: without n3 the swarm would lose its quorum: 2 of 3 managers are reachable',
  ],
  [
    'the same, by a person’s word',
    seen('manager', 'active', { edge: 'true' }, managers('id1 Leader', 'id2 Unreachable', 'id3 Reachable')),
    { quorumMayGo: true },
    'demote',
  ],
  ['not joined yet', probed('absent=yes\n'), { id: undefined }, 'once it has joined: active edge=true'],
] as const)('a node: %s', (_, observed, more, expected) => {
  expect(told(() => swarmNode({ ...wish, ...more }).plan(observed))).toBe(expected)
})

const old: Node = {
  id: 'old',
  hostname: 'n3',
  role: 'manager',
  availability: 'active',
  labels: {},
  state: 'down',
  leader: false,
  reachable: false,
}

test.each([
  ['gone', 'absent=yes\n', 'unchanged'],
  ['a worker', `role=worker\n${three}`, 'remove'],
  ['a manager that is lost', `role=manager\n${managers('id1 Leader', 'id2 Reachable', 'old ')}`, 'remove'],
  [
    'the last that could agree with the leader',
    `role=manager\n${managers('id1 Leader', 'id2 ', 'old Reachable')}`,
    'refused: without n3 the swarm would lose its quorum: 2 of 3 managers are reachable',
  ],
])('a node that was left behind: %s', (_, stdout, expected) => {
  expect(told(() => absentSwarmNode(old, 'left behind', false).plan(probed(stdout)))).toBe(expected)
})

test.each([
  ['gone', probed('absent=yes\n'), 'unchanged'],
  ['active', seen('worker', 'active', {}), 'drain'],
  ['drained', seen('worker', 'drain', {}), 'unchanged'],
])('a node that is to have no tasks: %s', (_, observed, expected) => {
  expect(told(() => drainedSwarmNode(old).plan(observed))).toBe(expected)
})

const token = new Secret('SWMTKN-1-unit-test-token', 'composed')
const entry: Entry = {
  address: '10.0.0.3',
  as: 'worker',
  remotes: ['10.0.0.1:2377'],
  ours: ['10.0.0.1:2377', '10.0.0.3:2377'],
  token,
  forgotten: undefined,
  unlockKey: undefined,
  addressPools: [],
}
const says = (state: string, more: object = {}) =>
  probed(
    JSON.stringify({
      NodeID: 'id3',
      LocalNodeState: state,
      ControlAvailable: false,
      Error: '',
      RemoteManagers: [{ Addr: '10.0.0.1:2377' }],
      ...more,
    }),
  )

test.each([
  ['outside', says('inactive'), {}, 'join as a worker, by 10.0.0.1:2377'],
  ['without Docker', probed(''), {}, 'join as a worker, by 10.0.0.1:2377'],
  ['the first', says('inactive'), { as: 'founder' }, 'begin a swarm'],
  ['inside', says('active'), {}, 'unchanged'],
  ['on its way', says('pending'), {}, 'wait until it has joined'],
  [
    'removed meanwhile',
    says('active'),
    { forgotten: 'id3' },
    'it was removed while it was away: join as a worker, by 10.0.0.1:2377 again',
  ],
  [
    'of another swarm',
    says('active', { RemoteManagers: [{ Addr: '10.9.9.9:2377' }] }),
    { forgotten: 'id3' },
    'refused: it is in another swarm, whose managers are 10.9.9.9:2377',
  ],
  ['locked', says('locked'), {}, 'refused: it is locked, and the key is not known'],
  ['locked, and its key is known', says('locked'), { unlockKey: token }, 'unlock'],
  [
    'at odds',
    says('error', { Error: 'x509: certificate has expired' }),
    {},
    'refused: it is in a swarm and at odds with it: x509: certificate has expired',
  ],
] as const)('a member: %s', (_, observed, more, expected) => {
  expect(told(() => swarmMember({ ...entry, ...more }).plan(observed))).toBe(expected)
})

test('the token is fed, and stands in no line that is a command', () => {
  const plan = swarmMember(entry).plan(says('inactive'))
  if (plan.kind !== 'change') throw new Error('no change')
  expect(plan.apply.toString()).not.toContain(token.reveal())
  const commands = plan.apply
    .reveal()
    .split('\n')
    .filter((line) => line.includes('curl'))
  expect(commands).toHaveLength(1)
  expect(plan.apply.reveal()).not.toContain(token.reveal())
})
