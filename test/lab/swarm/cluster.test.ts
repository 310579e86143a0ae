import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { containerOf } from '../../../lib/lab/topology.ts'
import { unlockKeyFile } from '../../../lib/swarm/unlock-key.ts'
import { type Outcome, playbook } from '../playbook.ts'
import { type HostWish, swarmInventory } from './inventory.ts'
import { nodesSeenBy, onNode } from './on-node.ts'

const swarm = (...words: readonly string[]): Promise<Outcome> =>
  playbook('swarm', ['--env', 'lab-swarm', ...words])

const folders: string[] = []
/** Plays the three hosts as these wishes say. */
const play = (wishes: readonly HostWish[], ...words: readonly string[]): Promise<Outcome> => {
  const folder = swarmInventory(wishes)
  folders.push(folder)
  return swarm('--inventory', folder, ...words)
}

const asCommitted = [
  'swarm-1 manager active edge=true postgres=true',
  'swarm-2 manager active edge=true redis=true',
  'swarm-3 manager active edge=true',
]
const manager: HostWish = { role: 'manager' }
const worker: HostWish = { role: 'worker' }
const changed = (outcome: Outcome) =>
  outcome.output.split('\n').filter((line) => /^ +swarm-\d +changed /.test(line))

beforeAll(async () => {
  const { code, output } = await swarm()
  expect(code, output).toBe(0)
}, 300_000)

afterAll(async () => {
  for (const folder of folders) rmSync(folder, { recursive: true })
  await swarm()
})

test('three managers with their labels; a second run changes nothing', async () => {
  expect(nodesSeenBy('swarm-2')).toEqual(asCommitted)
  const again = await swarm()
  expect([again.code, changed(again)]).toEqual([0, []])
})

test('an even number of managers is refused before any host is touched', async () => {
  const { code, stderr, output } = await play([manager, manager, worker])
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining('an odd number of managers, and group manager has 2'),
  ])
  expect(output).not.toContain('docker, firewall on')
})

test('promoted, demoted, drained and labelled as the inventory says; a check tells of it and does nothing', async () => {
  const other = [worker, { role: 'worker', vars: { swarm_availability: 'drain' } }, manager] as const
  const check = await play(other, '--check')
  expect(check.code, check.output).toBe(0)
  expect(check.output).toContain('swarm-1: demote, label edge removed, label postgres removed')
  expect(check.output).toContain('swarm-2: demote, availability active → drain')
  expect(nodesSeenBy('swarm-2')).toEqual(asCommitted)

  const done = await play(other)
  expect(done.code, done.output).toBe(0)
  expect(nodesSeenBy('swarm-3')).toEqual([
    'swarm-1 worker active',
    'swarm-2 worker drain',
    'swarm-3 manager active',
  ])
  const back = await swarm()
  expect(back.code, back.output).toBe(0)
  expect(nodesSeenBy('swarm-1')).toEqual(asCommitted)
})

describe('a node that went away', () => {
  test('left by itself: what it left behind is removed, and it joins with a token that no argument list has', async () => {
    onNode('swarm-3', 'docker swarm leave --force')
    const watch = watchArguments('swarm-3')
    const { code, output } = await swarm()
    expect(code, output).toBe(0)
    expect(await watch.stop()).toEqual({ looked: expect.any(Number), found: '' })
    expect(output).toContain('left behind')
    expect(output).not.toContain('SWMTKN')
    expect(nodesSeenBy('swarm-1')).toEqual(asCommitted)
  })

  test('removed by others: it does not know, and joins again', async () => {
    const id = onNode('swarm-3', "docker info -f '{{.Swarm.NodeID}}'")
    onNode('swarm-1', `docker node demote ${id} && sleep 2 && docker node rm --force ${id}`)
    const { code, output } = await swarm()
    expect(code, output).toBe(0)
    expect(output).toContain('it was removed while it was away: join as a manager')
    expect(nodesSeenBy('swarm-1')).toEqual(asCommitted)
  })
})

test('tokens are rotated: the old one lets nobody in', async () => {
  const token = () => onNode('swarm-1', 'docker swarm join-token -q worker')
  const before = token()
  const { code, output } = await swarm('--rotate-tokens')
  expect(code, output).toBe(0)
  expect(token()).not.toBe(before)
  expect(output).not.toContain('SWMTKN')
})

test('autolock: the key is kept on this machine alone, and opens a manager that has restarted', async () => {
  const locking = [manager, manager, manager].map((wish) => ({ ...wish, vars: { swarm_autolock: true } }))
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

/** Looks through every argument list of a host for a join token, without a pause. */
function watchArguments(name: string) {
  const look =
    'n=0; trap "echo looked=$n" EXIT; while :; do n=$((n+1)); for p in /proc/[0-9]*; do tr "\\0" " " <$p/cmdline 2>/dev/null | grep -q "SWMTKN-1-[a-z0-9]" && echo found=$(tr "\\0" " " <$p/cmdline); done; [ -e /tmp/watched ] && break; done; echo looked=$n'
  onNode(name, 'rm -f /tmp/watched')
  const child = spawn('docker', ['exec', containerOf(name), 'sh', '-c', look])
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  return {
    async stop() {
      const ended = new Promise((resolve) => child.on('close', resolve))
      onNode(name, 'touch /tmp/watched')
      await ended
      const looked = Number(/looked=(\d+)/.exec(said)?.[1])
      return { looked, found: /found=.*/.exec(said)?.[0] ?? '' }
    },
  }
}
