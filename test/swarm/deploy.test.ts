import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { containerOf } from '../../lib/lab/topology.ts'
import { root } from '../argv.ts'
import { onNode } from './on-node.ts'
import { deploy, runningTasks, servedRelease, serviceSpecs, storedNames } from './stack.ts'

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
