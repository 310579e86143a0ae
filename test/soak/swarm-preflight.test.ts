import { rmSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { standInReference } from '../../lib/lab/index.ts'
import { registryMachine, swarmHosts } from '../../lib/lab/topology.ts'
import { swarm } from '../swarm/cluster.ts'
import { onNode } from '../swarm/on-node.ts'
import { cutOff, letBack } from '../swarm/partition.ts'
import { deploy, inventoryWith, runningTasks } from '../swarm/stack.ts'

const folders: string[] = []
const tidy: (() => unknown)[] = []

/** The lab's inventory with swarm-4 as an edge, and further variables. */
function edgeFour(
  vars: Record<string, unknown> = {},
  settings: Record<string, string> = {},
): readonly string[] {
  const folder = inventoryWith(
    (all) => {
      Object.assign(all, vars)
      Object.assign(all.stack_settings, settings)
    },
    (_, workers) => Object.assign(workers['swarm-4'] ?? {}, { swarm_labels: { edge: 'true' } }),
  )
  folders.push(folder)
  return ['--inventory', folder]
}

/** swarm-4 as it is committed: no edge, and nothing of nginx left on it. */
async function plainFour(): Promise<void> {
  const { code, output } = await swarm()
  expect(code, output).toBe(0)
  const of = '--filter name=agentlab_nginx'
  onNode(
    'swarm-4',
    `n=0; while [ -n "$(docker ps -q ${of})" ] && [ $n -lt 40 ]; do n=$((n + 1)); sleep 1; done`,
  )
  onNode('swarm-4', `docker ps -aq ${of} | xargs -r docker rm -f`)
}

beforeAll(async () => {
  const { code, output } = await deploy()
  expect(code, output).toBe(0)
}, 900_000)

afterEach(() => {
  for (const undo of tidy.splice(0)) undo()
})

afterAll(async () => {
  for (const folder of folders) rmSync(folder, { recursive: true })
  const { code, output } = await deploy()
  expect(code, output).toBe(0)
}, 900_000)

test('where all is well a check says so, of every subject, and looks at each host once', async () => {
  const { code, output } = await deploy('--check')
  expect(code, output).toBe(0)
  expect(output).toMatch(
    /preflight: nodes: 4 are ready; placement: each of 5 services fits a node; quorum: 3 of 3 managers are reachable; disk: \d+ MB free at least \(swarm-\d\); images: \d+ are on their nodes, \d+ can be pulled; ports: 6 are free, or held by this stack; ipvs: not needed/,
  )
  expect(output).not.toContain('warning')
})

test('a port that a program holds on an edge: refused, and nothing is touched', async () => {
  onNode(
    'swarm-4',
    `systemd-run -q --unit held perl -MIO::Socket -e 'push @held, IO::Socket::INET->new(Listen => 1, LocalPort => 443) || die; sleep 900'`,
  )
  tidy.push(() => onNode('swarm-4', 'systemctl stop held; systemctl reset-failed held 2>/dev/null || :'))
  // The label would bring nginx there before the deploy: it has no port to have, and the deploy says why.
  const before = runningTasks().filter((line) => !line.includes('nginx'))
  const { code, stderr, output } = await deploy(...edgeFour())
  expect(code, output).toBe(1)
  expect(stderr).toContain('the deploy would not go well, and nothing was touched')
  expect(stderr).toContain('ports: swarm-4: port 443 is held by perl')
  expect(runningTasks().filter((line) => !line.includes('nginx'))).toEqual(before)
})

test('a port that a container of nobody’s stack holds', async () => {
  await plainFour()
  const image = onNode('swarm-4', 'docker image ls -q | head -n 1')
  onNode('swarm-4', `docker rm -f held; docker run -d --name held -p 443:443 --entrypoint sleep ${image} 900`)
  tidy.push(() => onNode('swarm-4', 'docker rm -f held'))
  const { stderr } = await deploy(...edgeFour())
  expect(stderr).toContain('ports: swarm-4: port 443 is held by the container held')
})

test('a node that does not reach the registry, and has not the image: its error is told', async () => {
  await plainFour()
  onNode(
    'swarm-4',
    "docker image ls -q --filter 'reference=*/*/nginx' | sort -u | xargs -r docker image rm -f",
  )
  const rule = `OUTPUT -d ${registryMachine.address} -p tcp --dport 5000 -j REJECT`
  onNode('swarm-4', `iptables -I ${rule}`)
  tidy.push(() => onNode('swarm-4', `iptables -D ${rule}`))
  const { code, stderr } = await deploy(...edgeFour())
  expect(code).toBe(1)
  expect(stderr).toMatch(
    /images: swarm-4 cannot have registry\.lab:5000\/standin\/nginx@sha256:\S+: .*(refused|unreachable)/,
  )

  const told = await deploy(...edgeFour({ stack_preflight: 'tell' }), '--check')
  expect([told.code, told.output]).toEqual([
    0,
    expect.stringContaining('images: failed: swarm-4 cannot have'),
  ])
})

test('too little room on a disk: a reason to stop where an image is to be pulled', async () => {
  const much = { stack_disk_free_mb: 1_000_000_000 }
  // A node that never had a task of some service has not got its image.
  const images = onNode('swarm-1', "docker service ls --format '{{.Image}}'").split('\n').join(' ')
  for (const { name } of swarmHosts)
    onNode(name, `for image in ${images}; do docker pull -q "$image" >/dev/null; done`)
  const less = /disk: (warning|failed): swarm-4: \d+ MB free in \S+, less than 1000000000/
  const enough = await deploy(...edgeFour(much), '--check')
  expect([enough.code, enough.output]).toEqual([0, expect.stringMatching(less)])
  const other = { NGINX_IMAGE: standInReference('node') }
  const pulls = await deploy(...edgeFour(much, other), '--check')
  expect(pulls.code).toBe(1)
  expect(pulls.stderr).toMatch(
    /disk: swarm-4: \d+ MB free in \S+, less than 1000000000, and images are to be pulled/,
  )
})

test('a tag that its registry has not: each node that is to run it says so', async () => {
  const { code, stderr } = await deploy(
    ...edgeFour({}, { NGINX_IMAGE: 'registry.lab:5000/standin/nginx:never' }),
    '--check',
  )
  expect(code).toBe(1)
  expect(stderr).toMatch(
    /images: swarm-4 cannot have registry\.lab:5000\/standin\/nginx:never: .*manifest unknown/,
  )
})

test('networks that are to be encrypted, on kernels that cannot', async () => {
  const { code, stderr } = await deploy(...edgeFour({ stack_encrypted: true }), '--check')
  expect([code, stderr]).toEqual([1, expect.stringContaining('encryption: swarm-1: its kernel has no ESP')])
})

test('a node that its managers do not reach is told of; without it all services still have a place', async () => {
  await plainFour()
  tidy.push(() => letBack('swarm-4'))
  cutOff('swarm-4', 'swarm-1')
  const { code, output } = await deploy('--check')
  expect(code, output).toBe(0)
  expect(output).toContain('preflight: nodes: warning: swarm-4 is down: it gets no task')
  expect(output).toContain('placement: each of 5 services fits a node')
})
