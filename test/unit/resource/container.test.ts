import { describe, expect, test } from 'vitest'
import { createArguments } from '../../../lib/resource/container-argv.ts'
import { type ContainerSpec, canonicalSpec, specHash } from '../../../lib/resource/container-spec.ts'
import { absentContainer, container } from '../../../lib/resource/index.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { applied, table } from './observe.ts'

const spec: ContainerSpec = { image: 'redis:7.0', env: { PORT: '80' } }
const redis = container('redis', spec)

interface Shown {
  readonly status?: string
  readonly health?: string
  readonly image?: string
  readonly named?: string
  readonly of?: ContainerSpec
}

function shown({
  status = 'running',
  health = '',
  image = 'sha256:1',
  named = 'sha256:1',
  of = spec,
}: Shown): string {
  const json = canonicalSpec(of)
  return `status=${status}\nhealth=${health}\nimage=${image}\nhash=${specHash(json)}\njson=${json}\nnamed=${named}\n`
}

describe('what docker shows becomes a plan', () => {
  table([
    { when: 'running as told', resource: redis, stdout: shown({}), plan: 'unchanged' },
    { when: 'healthy', resource: redis, stdout: shown({ health: 'healthy' }), plan: 'unchanged' },
    {
      when: 'absent',
      resource: redis,
      stdout: 'absent=yes\nnamed=sha256:1\n',
      plan: 'change: create',
      diff: '+env.PORT: "80"\n+image: "redis:7.0"\n+noNewPrivileges: true\n+restart: "unless-stopped"\n+stopTimeoutSeconds: 10',
    },
    {
      when: 'of another spec',
      resource: redis,
      stdout: shown({ of: { image: 'redis:7.0', env: { PORT: '81', OLD: 'x' }, init: true } }),
      plan: 'change: replace: its spec changed',
      diff: '-env.OLD: "x"\n-env.PORT: "81"\n+env.PORT: "80"\n-init: true',
    },
    {
      when: 'of a spec that nobody can read',
      resource: redis,
      stdout: 'status=running\nimage=sha256:1\nhash=0\njson={broken\n',
      plan: 'change: replace: its spec changed',
    },
    {
      when: 'made by hand',
      resource: redis,
      stdout: 'status=running\nhealth=\nimage=sha256:1\nhash=\njson=\n',
      plan: 'change: replace: not made by Quayside',
    },
    {
      when: 'of an image that its tag no longer names',
      resource: redis,
      stdout: shown({ named: 'sha256:2' }),
      plan: 'change: replace: its image changed',
      diff: '-redis:7.0 is sha256:1\n+redis:7.0 is sha256:2',
    },
    { when: 'of an image without its tag', resource: redis, stdout: shown({ named: '' }), plan: 'unchanged' },
    { when: 'stopped', resource: redis, stdout: shown({ status: 'exited' }), plan: 'change: start (exited)' },
    { when: 'paused', resource: redis, stdout: shown({ status: 'paused' }), plan: 'change: unpause' },
    {
      when: 'in a crash loop',
      resource: redis,
      stdout: shown({ status: 'restarting' }),
      plan: 'change: restart (restarting)',
    },
    {
      when: 'unhealthy',
      resource: redis,
      stdout: shown({ health: 'unhealthy' }),
      plan: 'change: restart: unhealthy',
    },
    {
      when: 'starting',
      resource: redis,
      stdout: shown({ health: 'starting' }),
      plan: 'change: wait until healthy',
    },
    {
      when: 'no docker',
      resource: redis,
      stderr: 'docker is not installed\n',
      code: 3,
      plan: 'unknown: docker is not installed',
    },
    {
      when: 'absent, as wanted',
      resource: absentContainer('redis'),
      stdout: 'absent=yes\n',
      plan: 'unchanged',
    },
    {
      when: 'one that shall not be',
      resource: absentContainer('redis'),
      stdout: 'status=running\n',
      plan: 'change: remove (running)',
    },
  ])
})

test('the old container is stopped only once the new one is made', () => {
  const plan = container('redis', { ...spec, stopTimeoutSeconds: 30 }).plan({
    stdout: shown({}),
    stderr: '',
    code: 0,
  })
  const steps = applied(plan).match(
    /docker (?:image inspect|pull|create|stop -t \d+|rm -f|rename|start)[^<>\n]*?(?=--label|>| -- |$)/gm,
  )
  expect(steps?.map((step) => step.trim())).toEqual([
    'docker image inspect -f x redis:7.0',
    'docker pull -q redis:7.0',
    'docker rm -f redis.quayside-new',
    'docker create --name redis.quayside-new',
    'docker stop -t 30 redis',
    'docker rm -f redis',
    'docker rename redis.quayside-new redis',
    'docker start redis',
  ])
})

test('specs are equal whatever the order of their keys, and undefined is nothing', () => {
  const one = canonicalSpec({ image: 'a', env: { B: '1', A: '2' }, user: undefined })
  expect(one).toBe(canonicalSpec({ env: { A: '2', B: '1' }, image: 'a', restart: 'unless-stopped' }))
  expect(one).not.toBe(canonicalSpec({ env: { A: '2', B: '1' }, image: 'a', restart: 'always' }))
})

test('a whole spec as arguments of docker', () => {
  const full: ContainerSpec = {
    image: 'registry/app@sha256:0',
    command: ['serve', '--port', '80'],
    entrypoint: '/entry',
    env: { A: "it's" },
    envFile: '/etc/app.env',
    mounts: [
      { source: '/srv/data', target: '/data', readOnly: true },
      { source: 'cache', target: '/cache' },
    ],
    ports: [
      { host: 8001, container: 80, address: '10.0.0.1' },
      { host: 53, container: 53, protocol: 'udp', address: '::1' },
      { host: 1, container: 2 },
    ],
    network: 'app',
    networkAlias: 'api',
    hostname: 'api-1',
    hosts: { 'db-1': '10.0.0.4' },
    user: '1000:1000',
    groups: ['999'],
    workdir: '/srv',
    readOnly: true,
    tmpfs: ['/tmp:size=16m'],
    capDrop: ['ALL'],
    capAdd: ['CHOWN'],
    noNewPrivileges: false,
    memoryMb: 256,
    shmMb: 64,
    cpus: 0.5,
    pidsLimit: 100,
    ulimits: { nofile: '1024:2048' },
    sysctls: { 'net.core.somaxconn': '1024' },
    init: true,
    stopSignal: 'SIGINT',
    stopTimeoutSeconds: 20,
    restart: 'on-failure:3',
    labels: { role: 'api' },
    health: {
      command: ['sh', '-c', 'curl -f "$URL"'],
      intervalSeconds: 2,
      timeoutSeconds: 1,
      retries: 3,
      startPeriodSeconds: 9,
    },
    logMaxSize: '10m',
    logMaxFile: 3,
    revision: 'abc',
  }
  const args = createArguments('api', full).filter((word) => !word.startsWith('quayside.spec'))
  expect(args.join(' ')).toBe(
    [
      '--name api --label --label --label role=api --restart on-failure:3 --stop-timeout 20 --stop-signal SIGINT --init',
      "--entrypoint /entry --user 1000:1000 --group-add 999 --workdir /srv --env A=it's --env-file /etc/app.env",
      '--mount type=bind,source=/srv/data,target=/data,readonly --mount type=volume,source=cache,target=/cache',
      '--tmpfs /tmp:size=16m --network app --network-alias api --hostname api-1 --add-host db-1:10.0.0.4',
      '--publish 10.0.0.1:8001:80/tcp --publish [::1]:53:53/udp --publish 1:2/tcp',
      '--read-only --cap-drop ALL --cap-add CHOWN --sysctl net.core.somaxconn=1024',
      '--memory 256m --shm-size 64m --cpus 0.5 --pids-limit 100 --ulimit nofile=1024:2048',
      '--log-opt tag={{.Name}} --log-opt max-size=10m --log-opt max-file=3',
      `--health-cmd sh -c 'curl -f "$URL"' --health-interval 2s --health-timeout 1s --health-retries 3 --health-start-period 9s`,
      'registry/app@sha256:0 serve --port 80',
    ].join(' '),
  )
})

test('what a spec leaves out is safe', () => {
  const args = createArguments('api', { image: 'a', health: 'none' }).join(' ')
  expect(args).toMatch(
    /--restart unless-stopped --stop-timeout 10 --security-opt no-new-privileges --log-opt tag=\{\{\.Name\}\} --no-healthcheck a$/,
  )
})

test.each<[string, ContainerSpec, string]>([
  ['an option for an image', { image: '--privileged' }, 'image must be one word'],
  [
    'a relative target',
    { image: 'a', mounts: [{ source: 'x1', target: 'y' }] },
    'target of a mount must be absolute',
  ],
  ['a comma in a mount', { image: 'a', mounts: [{ source: '/x,readonly', target: '/y' }] }, 'comma'],
  ['a port too high', { image: 'a', ports: [{ host: 70_000, container: 80 }] }, 'host port must be'],
  [
    'ports on the host network',
    { image: 'a', network: 'host', ports: [{ host: 80, container: 80 }] },
    'publishes no ports',
  ],
  ['an alias without a network', { image: 'a', networkAlias: 'x' }, 'networkAlias needs'],
  ['our own label', { image: 'a', labels: { 'quayside.spec': 'x' } }, 'name of a label'],
  ['no health command', { image: 'a', health: { command: [] } }, 'health.command'],
  // A caller without types may still try.
  [
    'a secret',
    { image: 'a', env: { P: new Secret('x') as unknown as string } },
    'a secret stands in spec.env.P',
  ],
])('%s is refused', (_, bad, message) => {
  expect(() => container('redis', bad)).toThrow(message)
})

test('a name that docker does not take is refused', () => {
  expect(() => container('-redis', spec)).toThrow('name of a container')
})
