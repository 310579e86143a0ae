import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { containerOf } from '../../lib/lab/topology.ts'
import { root } from '../argv.ts'
import { deriveRelease, oldLibssl } from '../lab/release.ts'
import { startTraffic } from '../lab/traffic.ts'
import { onNode } from './on-node.ts'
import { deploy, runningTasks, servedRelease, serviceSpecs, storedNames, swarmFront } from './stack.ts'

let good: string

beforeAll(async () => {
  const { code, output } = await deploy()
  expect(code, output).toBe(0)
  good = await servedRelease()
}, 900_000)

test('the same again: no task is made anew', async () => {
  const before = runningTasks()
  const { code, output } = await deploy()
  expect(code, output).toBe(0)
  expect(output).toContain(`${good} was deployed before, and every service runs it`)
  expect(runningTasks()).toEqual(before)
})

test('a release that was never pushed is an error, and nothing is touched', async () => {
  const before = [runningTasks(), storedNames()]
  const { code, stderr } = await deploy('--release', 'never-pushed')
  expect(code, stderr).not.toBe(0)
  expect(stderr).toContain('never-pushed')
  expect([runningTasks(), storedNames()]).toEqual(before)
})

test('Docker by hand, with the file that a manager keeps, gives the same services', () => {
  const before = [serviceSpecs(), runningTasks()]
  const kept = '/var/lib/quayside/deploy'
  const last = JSON.parse(onNode('swarm-1', `tail -n 1 ${kept}/history.jsonl`)) as { config: string }
  const file = `${kept}/stacks/${last.config}.yaml`
  onNode(
    'swarm-1',
    `docker stack deploy --with-registry-auth --resolve-image never --compose-file ${file} agentlab`,
  )
  expect([serviceSpecs(), runningTasks()]).toEqual(before)
})

test('secrets are files in their containers, and in no argument list and no environment', () => {
  const password = onNode(
    'swarm-2',
    'docker exec $(docker ps -q --filter name=agentlab_redis) cat /run/secrets/redis_password',
  )
  expect(password).toMatch(/^[\w-]{20,}$/)
  const everywhere = onNode(
    'swarm-2',
    'for p in /proc/[0-9]*; do tr "\\0" "\\n" <$p/cmdline; tr "\\0" "\\n" <$p/environ; done 2>/dev/null; docker inspect $(docker ps -aq)',
  )
  expect(everywhere.length).toBeGreaterThan(1000)
  expect(everywhere.includes(password)).toBe(false)
})

describe('a release whose api ends as soon as it has started', () => {
  test('is taken back with the whole stack: exit 1, the task, its node, its error and its last words', async () => {
    const bad = await deriveRelease(
      good,
      `crash-${Date.now()}`,
      `${oldLibssl}CMD ["python3", "-c", "import sys, time; time.sleep(1); sys.exit('no such table: harbours')"]\n`,
    )
    const traffic = startTraffic({ clients: 4, most: 20_000, pauseMs: 80 }, swarmFront())
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
})

test('Docker takes the file that is committed, too, with settings in the environment as its head says', () => {
  const folder = '/tmp/quayside-compose'
  const tar = execFileSync('tar', [
    '-C',
    join(root, 'compose'),
    '-c',
    'stack.yaml',
    'nginx',
    'postgres',
    'redis',
  ])
  onNode('swarm-1', `rm -rf ${folder}; mkdir -p ${folder}/secrets/swarm`)
  execFileSync('docker', ['exec', '-i', containerOf('swarm-1'), 'tar', '-x', '-C', folder], { input: tar })
  const settings =
    'REGISTRY=registry.example.com/app RELEASE=v1 PUBLIC_URL=https://example.com SERVER_NAME=example.com'
  const said = onNode('swarm-1', `cd ${folder} && ${settings} docker stack config --compose-file stack.yaml`)
  expect(said).toContain('image: registry.example.com/app/api:v1')
})
