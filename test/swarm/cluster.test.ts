import { spawn } from 'node:child_process'
import { beforeAll, expect, test } from 'vitest'
import { containerOf } from '../../lib/lab/topology.ts'
import type { Outcome } from '../lab/playbook.ts'
import { aroundSwarm, asCommitted, play, swarm } from './cluster.ts'
import type { HostWish } from './inventory.ts'
import { nodesSeenBy, onNode } from './on-node.ts'

const manager: HostWish = { role: 'manager' }
const worker: HostWish = { role: 'worker' }
const changed = (outcome: Outcome) =>
  outcome.output.split('\n').filter((line) => /^ +swarm-\d +changed /.test(line))

aroundSwarm()

// What a stack makes of its nodes going away is tried with a stack that is whole: test/soak/swarm-growing.
beforeAll(() => {
  const left = 'docker service ls -q; docker network ls -q --filter label=com.docker.stack.namespace=agentlab'
  onNode('swarm-1', `docker stack rm agentlab >/dev/null 2>&1; while [ -n "$(${left})" ]; do sleep 0.5; done`)
}, 120_000)

test('three managers and a worker with their labels; a second run changes nothing', async () => {
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
    'swarm-1 worker active quayside.host=swarm-1',
    'swarm-2 worker drain quayside.host=swarm-2',
    'swarm-3 manager active quayside.host=swarm-3',
    'swarm-4 worker active quayside.host=swarm-4',
  ])
  const back = await swarm()
  expect(back.code, back.output).toBe(0)
  expect(nodesSeenBy('swarm-1')).toEqual(asCommitted)
})

test('the leader left by itself: another is waited for, what it left behind is removed, and it joins with a token that no argument list has', async () => {
  const leader = onNode(
    'swarm-1',
    'docker node ls --format \'{{if eq .ManagerStatus "Leader"}}{{.Hostname}}{{end}}\'',
  )
  onNode(leader, 'docker swarm leave --force')
  const watch = watchArguments(leader)
  const { code, output } = await swarm()
  expect(code, output).toBe(0)
  expect(await watch.stop()).toEqual({ looked: expect.any(Number), found: '' })
  expect(output).toContain('left behind')
  expect(output).not.toContain('SWMTKN')
  expect(nodesSeenBy('swarm-1')).toEqual(asCommitted)
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
