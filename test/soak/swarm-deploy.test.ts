import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { docker } from '../../lib/lab/docker.ts'
import { containerOf } from '../../lib/lab/topology.ts'
import { playbook } from '../lab/playbook.ts'
import { deriveRelease, oldLibssl } from '../lab/release.ts'
import { openSockets, startTraffic } from '../lab/traffic.ts'
import { onNode } from '../swarm/on-node.ts'
import { deploy, inventoryWith, servedRelease, storedNames, swarmFront } from '../swarm/stack.ts'

const load = { clients: 4, most: 60_000, pauseMs: 80 } as const
const folders: string[] = []
let good: string

beforeAll(async () => {
  const { code, output } = await deploy()
  expect(code, output).toBe(0)
  good = await servedRelease()
}, 900_000)

afterAll(async () => {
  for (const folder of folders) rmSync(folder, { recursive: true })
  await deploy()
}, 900_000)

test('a rolling update with another secret and other settings, under load: no request fails, what is old is pruned', async () => {
  const before = storedNames()
  const release = await deriveRelease(good, `next-${Date.now()}`)
  const inventory = inventoryWith(({ stack_secrets, stack_settings }) => {
    stack_settings.LOG_LEVEL = 'warning'
    stack_secrets.anthropic_api_key = { generate: `unused_${Date.now()}` }
  })
  folders.push(inventory)
  const sockets = await openSockets(4, swarmFront())
  const traffic = startTraffic(load, swarmFront())
  const updated = await deploy('--inventory', inventory, '--release', release)
  await traffic.stop()
  expect(updated.code, updated.output).toBe(0)
  expect(traffic.failures).toEqual([])
  expect(traffic.answers.get(`${good} 200`) ?? 0).toBeGreaterThan(50)
  expect(traffic.answers.get(`${release} 200`) ?? 0).toBeGreaterThan(50)
  expect(sockets.failures).toEqual([])
  sockets.close()
  expect(await servedRelease()).toBe(release)
  // The release before may be gone back to: its secrets are still there, and those of none before.
  expect(storedNames().filter((name) => !before.includes(name))).toHaveLength(1)

  const again = await deploy()
  expect(again.code, again.output).toBe(0)
  expect(storedNames().filter((name) => name.includes('anthropic'))).toHaveLength(2)
})

describe('a release that is no good', () => {
  test('whose api ends as soon as it has started is taken back with the whole stack: exit 1, the task, its node, its error and its last words', async () => {
    const bad = await deriveRelease(
      good,
      `crash-${Date.now()}`,
      `${oldLibssl}CMD ["python3", "-c", "import sys, time; time.sleep(1); sys.exit('no such table: harbours')"]\n`,
    )
    const traffic = startTraffic(load, swarmFront())
    const { code, output, stderr } = await deploy('--release', bad, '-x', 'deploy_scan=report')
    await traffic.stop()
    expect(code, output).toBe(1)
    expect(output).toMatch(/libssl3 3\.0\.0-1 → 3\.\S+ \(bookworm-security\) in \S+\/api@sha256:/)
    expect(stderr).toContain(`${bad} is not deployed`)
    expect(stderr).toMatch(/api: rolled back: .*\n {6}api\.\d on swarm-\d: .*exit/)
    expect(stderr).toContain('no such table: harbours')
    expect(stderr).toContain(`${good} serves, as before`)
    expect(traffic.failures).toEqual([])
    expect(traffic.total()).toBeGreaterThan(100)
    // Until the update was taken back web's new release may have answered: after it the old one alone does.
    expect(await servedRelease()).toBe(good)
  })

  test.each([
    [
      'fails its health check',
      'CMD ["sleep", "1000"]\n',
      /api: rolled back: .*\n {6}api\.\d on swarm-\d: .*unhealthy/,
    ],
    [
      'fails to migrate',
      'USER 0\nRUN echo "select nothing_of_the_kind;" > /srv/migrations/9999_bad.sql\nUSER 10001\n',
      /migrate: stuck: it ended with a failure/,
    ],
  ])('%s: exit 1, and the one before serves', async (_, lines, said) => {
    const bad = await deriveRelease(good, `bad-${Date.now()}`, lines)
    const traffic = startTraffic(load, swarmFront())
    const { code, output, stderr } = await deploy('--release', bad)
    await traffic.stop()
    expect(code, output).toBe(1)
    expect(stderr).toMatch(said)
    expect(traffic.failures).toEqual([])
    expect(await servedRelease()).toBe(good)
  })
})

test('the leader dies while services are updated: another manager is asked, and the verdict is right', async () => {
  const release = await deriveRelease(good, `led-${Date.now()}`)
  const format = "'{{.Hostname}} {{.ManagerStatus}}'"
  const leader = onNode('swarm-1', `docker node ls --format ${format}`)
    .split('\n')
    .find((line) => line.endsWith('Leader'))
    ?.split(' ')[0]
  if (leader === undefined) throw new Error('there is no leader')
  let killed: Promise<unknown> | undefined
  const { code, output } = await playbook('deploy', ['--env', 'lab-swarm', '--release', release], {
    onOutput: (text) => {
      if (/(api|web): \d of 2 tasks/.test(text)) killed ??= docker(['kill', containerOf(leader)])
    },
  })
  await killed
  await docker(['start', containerOf(leader)])
  expect(killed).toBeDefined()
  expect(output).toContain(`${leader} does not answer`)
  // Its tasks go elsewhere, but for what keeps its data there: such a stack does not run, and that is said.
  const pinned = { 'swarm-1': 'postgres', 'swarm-2': 'redis' }[leader]
  const expected =
    pinned === undefined
      ? { code: 0, said: `${release} is deployed` }
      : { code: 1, said: `${pinned}: stuck: no suitable node` }
  expect({ code, said: output }).toEqual({
    code: expected.code,
    said: expect.stringContaining(expected.said),
  })
})
