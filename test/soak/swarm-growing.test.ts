import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTraffic } from '../lab/traffic.ts'
import { asCommitted, swarm } from '../swarm/cluster.ts'
import { nodesSeenBy, onNode } from '../swarm/on-node.ts'
import { cutOff, letBack } from '../swarm/partition.ts'
import { deploy, inventoryWith, runningTasks, servedRelease, swarmFront } from '../swarm/stack.ts'

const folders: string[] = []
type Change = Parameters<typeof inventoryWith>[1]
const many = { API_REPLICAS: '4', WEB_REPLICAS: '4' }

/** An inventory with these hosts; and with four tasks of api and of web, unless told. */
function inventory(change: Change, settings: Record<string, string> = many): readonly string[] {
  const folder = inventoryWith(({ stack_settings }) => Object.assign(stack_settings, settings), change)
  folders.push(folder)
  return ['--inventory', folder]
}

/** "api web nginx": what runs on a node, each as often as it does. */
function runsOn(node: string): readonly string[] {
  return onNode(node, 'docker ps --format \'{{.Label "com.docker.swarm.service.name"}}\'')
    .split('\n')
    .map((name) => name.replace('agentlab_', ''))
    .toSorted()
}

const nodes = () => nodesSeenBy('swarm-1').map((line) => line.split(' ')[0])
const withoutFour: Change = (_, workers) => {
  delete workers['swarm-4']
}
const withEdge: Change = (_, workers) => {
  Object.assign(workers['swarm-4'] ?? {}, { swarm_labels: { edge: 'true' } })
}

/** Runs a playbook while clients ask; none of them may be told of it. */
async function underLoad(work: () => ReturnType<typeof swarm>): ReturnType<typeof swarm> {
  const traffic = startTraffic({ clients: 4, most: 100_000, pauseMs: 80 }, swarmFront())
  const outcome = await work()
  await traffic.stop()
  expect(traffic.failures, outcome.output).toEqual([])
  expect(traffic.total()).toBeGreaterThan(50)
  return outcome
}

beforeAll(async () => {
  const { code, output } = await deploy(...inventory(withoutFour))
  expect(code, output).toBe(0)
  expect(nodes()).toEqual(['swarm-1', 'swarm-2', 'swarm-3'])
}, 900_000)

afterAll(async () => {
  letBack('swarm-4')
  for (const folder of folders) rmSync(folder, { recursive: true })
  const { code, output } = await deploy()
  expect(code, output).toBe(0)
}, 900_000)

test('a host that is added joins, is labelled, and gets tasks: those of each edge, and its part of the others', async () => {
  const { code, output } = await underLoad(() => swarm(...inventory(withEdge)))
  expect(code, output).toBe(0)
  expect(output).toContain('api: spreading its tasks over the nodes')
  expect(nodesSeenBy('swarm-1')[3]).toBe('swarm-4 worker active edge=true quayside.host=swarm-4')
  expect(runsOn('swarm-4')).toEqual(expect.arrayContaining(['api', 'nginx', 'web']))
  // It serves as the others do: by its own port, and by services on other nodes.
  expect(onNode('swarm-4', "curl -sk https://localhost/api/version -H 'Host: localhost'")).toContain(
    await servedRelease(),
  )
})

test('one that is removed is drained first, and what ran there runs elsewhere: a check tells of it and does nothing', async () => {
  const words = inventory(withoutFour)
  const before = runningTasks()
  const check = await swarm(...words, '--check')
  expect([check.code, check.output]).toEqual([
    0,
    expect.stringMatching(
      /swarm-4: .*api.* would move elsewhere[\s\S]*swarm node swarm-4, not in the inventory/,
    ),
  ])
  expect(runningTasks()).toEqual(before)

  const { code, output } = await underLoad(() => swarm(...words))
  expect(code, output).toBe(0)
  expect(nodes()).toEqual(['swarm-1', 'swarm-2', 'swarm-3'])
  const tasks = runningTasks().filter((line) => /agentlab_(api|web)/.test(line))
  expect(tasks).toHaveLength(8)
  expect(runsOn('swarm-4')).toEqual([''])
  const again = await swarm(...words)
  expect(again.output).not.toContain('changed  swarm')
})

describe('what is not done', () => {
  test('a node with data that is nowhere else stays, and so do all others', async () => {
    const words = inventory((managers, workers) => {
      workers['swarm-2'] = managers['swarm-2'] ?? {}
      workers['swarm-4'] = { ...workers['swarm-4'] }
      delete managers['swarm-1']
      delete managers['swarm-2']
    })
    const before = [nodes(), runningTasks()]
    const { code, stderr } = await swarm(...words)
    expect(code).toBe(1)
    expect(stderr).toContain('swarm-1: postgres keeps its data there (volume agentlab_postgres-data)')
    expect(stderr).toContain('--abandon-data')
    expect(runningTasks()).toEqual(before[1])
    const back = await swarm(...inventory(() => undefined))
    expect(back.code, back.output).toBe(0)
    expect(nodesSeenBy('swarm-1')).toEqual(asCommitted)
  })

  test('a node that was never made for a host is left alone', async () => {
    onNode('swarm-1', 'docker node update --label-rm quayside.host swarm-4')
    const { code, output } = await swarm(...inventory(withoutFour))
    expect([code, output]).toEqual([
      0,
      expect.stringContaining('swarm-4 is in the swarm (active), and never was'),
    ])
    expect(nodes()).toContain('swarm-4')
    await swarm(...inventory(() => undefined))
  })

  test('a node without which there is no room gets tasks again, and stays', async () => {
    const words = inventory(withoutFour)
    const reserve = (memory: string) =>
      onNode('swarm-1', `docker service update -q --reserve-memory ${memory} agentlab_web`)
    // Four times as much as three nodes can promise and four can: two tasks to a node are too many.
    const mb = Number(onNode('swarm-1', "awk '/MemTotal/ {print int($2/1024)}' /proc/meminfo"))
    reserve(`${Math.round(mb * 0.6)}m`)
    const { code, stderr, output } = await swarm(...words)
    expect(code, output).toBe(1)
    expect(stderr).toMatch(/swarm-4 stays in the swarm: web: .*insufficient/)
    expect(nodesSeenBy('swarm-1')).toEqual(asCommitted)
    reserve('128m')
  })
})

test('what runs on the leaving node alone is started elsewhere before it ends: no request fails', async () => {
  const once = { API_REPLICAS: '1', WEB_REPLICAS: '1' }
  const one = await deploy(...inventory(() => undefined, once))
  expect(one.code, one.output).toBe(0)
  onNode(
    'swarm-1',
    'for node in swarm-1 swarm-2 swarm-3; do docker node update --availability pause $node; done',
  )
  onNode(
    'swarm-1',
    'docker service update -q --force agentlab_api; docker service update -q --force agentlab_web',
  )
  expect(runsOn('swarm-4')).toEqual(['api', 'web'])
  const { code, output } = await underLoad(() => swarm(...inventory(withoutFour, once)))
  expect(code, output).toBe(0)
  expect(nodes()).not.toContain('swarm-4')
})

test('a host that is gone for good is removed without being waited for', async () => {
  const joined = await swarm(...inventory(() => undefined))
  expect(joined.code, joined.output).toBe(0)
  cutOff('swarm-4', 'swarm-1')
  const { code, output } = await swarm(...inventory(withoutFour))
  expect(code, output).toBe(0)
  expect(nodes()).not.toContain('swarm-4')
  letBack('swarm-4')
})

test('a manager that leaves is demoted before', async () => {
  const { code, output } = await swarm(
    ...inventory((managers, workers) => {
      workers['swarm-2'] = managers['swarm-2'] ?? {}
      delete managers['swarm-2']
      delete managers['swarm-3']
    }),
  )
  expect(code, output).toBe(0)
  expect(nodesSeenBy('swarm-1').map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
    'swarm-1 manager',
    'swarm-2 worker',
    'swarm-4 worker',
  ])
  const back = await deploy()
  expect(back.code, back.output).toBe(0)
  expect(nodesSeenBy('swarm-3')).toEqual(asCommitted)
})
