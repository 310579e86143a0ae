import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask } from '../lab/traffic.ts'
import { swarm } from '../swarm/cluster.ts'
import { nodesSeenBy, onNode } from '../swarm/on-node.ts'
import { deploy, inventoryWith, swarmFront } from '../swarm/stack.ts'

const folders: string[] = []
const rules = (udp: readonly number[]) => [
  { tcp: [22] },
  { tcp: [2377, 7946], udp, protocols: ['esp'], hosts: 'manager:worker' },
]

function walled(udp: readonly number[], without: readonly string[] = []): readonly string[] {
  const folder = inventoryWith(
    (vars) => Object.assign(vars, { firewall_allow: rules(udp) }),
    (_, workers) => {
      for (const name of without) delete workers[name]
    },
  )
  folders.push(folder)
  return ['--inventory', folder]
}

/** Tasks that are made anew, so that no connection of theirs is older than the firewall. */
const anew = () =>
  onNode(
    'swarm-1',
    'docker service update -q --force agentlab_api; docker service update -q --force agentlab_web',
  )

async function statuses(path: string): Promise<readonly number[]> {
  const { ports, ca } = swarmFront()
  const answers = await Promise.all(ports.map((port) => ask(false, port, 'GET', path, ca)))
  return answers.map(({ status }) => status)
}

/** True when a port of swarm-1 can be connected to from swarm-2. */
const reaches = (port: number) =>
  onNode(
    'swarm-2',
    `timeout 2 bash -c '</dev/tcp/10.213.77.41/${port}' 2>/dev/null && echo yes || echo no`,
  ) === 'yes'

beforeAll(async () => {
  const { code, output } = await deploy()
  expect(code, output).toBe(0)
}, 900_000)

afterAll(async () => {
  const folder = inventoryWith((vars) => Object.assign(vars, { firewall_absent: true }))
  const gone = await swarm('--inventory', folder)
  expect(gone.code, gone.output).toBe(0)
  for (const each of [...folders, folder]) rmSync(each, { recursive: true })
  const { code, output } = await deploy()
  expect(code, output).toBe(0)
}, 900_000)

test('with the rule of docs/swarm.md a swarm is whole: it deploys, tasks reach each other, clients get in, and nobody else', async () => {
  onNode(
    'swarm-1',
    `systemd-run -q --unit other perl -MIO::Socket -e 'push @held, IO::Socket::INET->new(Listen => 1, LocalPort => 9999) || die; sleep 900'`,
  )
  expect([reaches(9999), reaches(7946)]).toEqual([true, true])
  const { code, output } = await deploy(...walled([7946, 4789]))
  expect(code, output).toBe(0)
  expect([reaches(9999), reaches(7946)]).toEqual([false, true])
  expect(onNode('swarm-1', 'nft list table inet quayside')).toMatch(/meta l4proto (esp|50) accept/)
  onNode('swarm-1', 'systemctl stop other')
  anew()
  expect(await statuses('/api/ready')).toEqual([200, 200, 200])
  expect(await statuses('/')).toEqual([200, 200, 200])
})

test('a host that joins is let in by the others before', async () => {
  const left = await swarm(...walled([7946, 4789], ['swarm-4']))
  expect(left.code, left.output).toBe(0)
  expect(onNode('swarm-1', 'nft list table inet quayside')).not.toContain('10.213.77.44')
  const back = await swarm(...walled([7946, 4789]))
  expect(back.code, back.output).toBe(0)
  expect(nodesSeenBy('swarm-1')[3]).toContain('swarm-4 worker active')
})

test('each port of it is needed: without 4789 nodes see each other, and their containers do not', async () => {
  const { code, output } = await swarm(...walled([7946]))
  expect(code, output).toBe(0)
  anewQuietly()
  const seen = await statuses('/api/ready').catch((error: unknown) => [String(error)])
  expect(seen).not.toEqual([200, 200, 200])
  const back = await swarm(...walled([7946, 4789]))
  expect(back.code, back.output).toBe(0)
})

/** As `anew`, without waiting for tasks that cannot become well. */
function anewQuietly(): void {
  onNode('swarm-1', 'docker service update -q --detach --force agentlab_api; sleep 20')
}
