import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { expect, test } from 'vitest'
import { unlockKeyFile } from '../../lib/swarm/unlock-key.ts'
import { playbook } from '../lab/playbook.ts'
import { aroundSwarm, asCommitted, play, swarm } from '../swarm/cluster.ts'
import { nodesSeenBy, onNode } from '../swarm/on-node.ts'
import { cutOff, letBack } from '../swarm/partition.ts'

aroundSwarm()

test('a node that others removed: it does not know, and joins again', async () => {
  const id = onNode('swarm-3', "docker info -f '{{.Swarm.NodeID}}'")
  onNode('swarm-1', `docker node demote ${id} && sleep 2 && docker node rm --force ${id}`)
  const { code, output } = await swarm()
  expect(code, output).toBe(0)
  expect(output).toContain('it was removed while it was away: join as a manager')
  expect(nodesSeenBy('swarm-1')).toEqual(asCommitted)
})

test('a manager is lost, and another is to be demoted: refused; told to do it all the same, the swarm refuses it', async () => {
  const [manager, worker] = [{ role: 'manager' }, { role: 'worker' }] as const
  cutOff('swarm-3', 'swarm-1')
  try {
    const wishes = [manager, worker, { role: 'none' }, worker] as const
    const refused = await play(wishes)
    expect([refused.code, refused.output]).toEqual([
      1,
      expect.stringContaining(
        'without swarm-2 the swarm would lose its quorum: 2 of 3 managers are reachable',
      ),
    ])
    const all = await play(wishes, '--allow-quorum-loss')
    expect([all.code, all.output]).toEqual([
      1,
      expect.stringContaining('this would result in a loss of quorum'),
    ])
    expect(nodesSeenBy('swarm-1').map((line) => line.split(' ')[1])).toEqual([
      'manager',
      'manager',
      'manager',
      'worker',
    ])
  } finally {
    letBack('swarm-3')
  }
  const back = await swarm()
  expect(back.code, back.output).toBe(0)
  expect(nodesSeenBy('swarm-2')).toEqual(asCommitted)
})

test('most managers are lost: said so, in the words of Docker too, after the time to choose a leader', async () => {
  cutOff('swarm-3', 'swarm-1')
  cutOff('swarm-2')
  try {
    const { code, output } = await swarm()
    expect([code, output]).toEqual([
      1,
      expect.stringContaining('no manager of the swarm has a say: it has lost its quorum'),
    ])
    expect(output).toMatch(/does not have a leader|deadline exceeded/)
    expect(output).toContain('--force-new-cluster')
  } finally {
    letBack('swarm-2')
    letBack('swarm-3')
  }
  const back = await swarm()
  expect(back.code, back.output).toBe(0)
  expect(nodesSeenBy('swarm-2')).toEqual(asCommitted)
})

test('tokens are rotated, and printed nowhere', async () => {
  const token = () => onNode('swarm-1', 'docker swarm join-token -q worker')
  const before = token()
  const { code, output } = await swarm('--rotate-tokens')
  expect(code, output).toBe(0)
  expect(token()).not.toBe(before)
  expect(output).not.toContain('SWMTKN')
})

test('autolock: the key is kept on this machine alone, and opens a manager that has restarted', async () => {
  const wish = { role: 'manager', vars: { swarm_autolock: true } } as const
  const locking = [wish, wish, wish]
  const on = await play(locking)
  expect(on.code, on.output).toBe(0)
  const file = unlockKeyFile('lab-swarm')
  const key = readFileSync(file, 'utf8').trim()
  expect(key).toMatch(/^SWMKEY-1-/)
  expect([on.output.includes(file), on.output.includes(key)]).toEqual([true, false])
  expect(statSync(file).mode & 0o777).toBe(0o600)

  onNode('swarm-2', 'systemctl restart docker')
  expect(onNode('swarm-2', "docker info -f '{{.Swarm.LocalNodeState}}'")).toBe('locked')
  const opened = await play(locking)
  expect(opened.code, opened.output).toBe(0)
  expect(opened.output).toContain('swarm: unlock')
  expect(onNode('swarm-2', "docker info -f '{{.Swarm.LocalNodeState}}'")).toBe('active')

  const off = await swarm()
  expect(off.code, off.output).toBe(0)
  expect(existsSync(file)).toBe(true)
  expect(nodesSeenBy('swarm-2')).toEqual(asCommitted)
})

test('its hosts are stopped and started by themselves: those of the other lab run on, and the swarm is whole again', async () => {
  const others = () =>
    execFileSync('docker', ['ps', '-q', '--no-trunc', '--filter', 'name=quayside-lab-'], { encoding: 'utf8' })
  const before = others()
  const down = await playbook('lab', ['down', '--swarm'])
  expect(down.code, down.output).toBe(0)
  expect((await playbook('lab', ['status'])).stdout.match(/^swarm-\d +stopped/gm)).toHaveLength(4)
  expect(others()).toBe(before)
  const up = await swarm()
  expect(up.code, up.output).toBe(0)
  expect(nodesSeenBy('swarm-3')).toEqual(asCommitted)
})
