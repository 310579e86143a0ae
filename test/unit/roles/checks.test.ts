import { expect, test } from 'vitest'
import type { Deployed } from '../../../lib/health/index.ts'
import type { Host, Inventory } from '../../../lib/inventory/inventory.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { appVars } from '../../../roles/app/schema.ts'
import { stackChecks } from '../../../roles/checks.ts'
import { nginxVars } from '../../../roles/nginx-tls/schema.ts'
import { postgresVars } from '../../../roles/postgres-pgvector/schema.ts'
import { redisVars } from '../../../roles/redis/schema.ts'
import { swarmVars } from '../../../roles/swarm/schema.ts'
import { host, varsOf } from './context.ts'

const password = new Secret('a password of nobody')
const apps = [
  {
    name: 'api',
    image: 'r/api',
    port: 8000,
    ports: { blue: 8010, green: 8030 },
    route: '/api/',
    health: '/api/health',
    version: '/api/version',
    smoke: ['/api/ready'],
    replicas: 2,
  },
]
const all = [
  ...['edge-1', 'edge-2'].map((name, index) => ({
    ...host(name, `10.0.0.1${index}`),
    groups: ['all', 'edge'],
    vars: varsOf(nginxVars, { apps, nginx_certificate: password, nginx_certificate_key: password }),
  })),
  { ...host('app-1', '10.0.0.21'), groups: ['all', 'app'], vars: varsOf(appVars, { apps }) },
  {
    ...host('db-1', '10.0.0.31'),
    groups: ['all', 'db'],
    vars: {
      ...varsOf(postgresVars, {
        postgres_archive: true,
        postgres_password: password,
        postgres_superuser_password: password,
      }),
      ...varsOf(redisVars, { redis_password: password }),
    },
  },
]
const inventory: Inventory = { env: 'test', dir: '/', hosts: all, select: () => [] }
const release = (id: string) => ({ id, images: { api: `r/api@sha256:${id}` }, config: 'c' })
const deployed: Deployed = {
  served: new Set(['green']),
  held: new Map([['app-1', { blue: release('old'), green: release('new') }]]),
}
const checksOf = (hosts: readonly Host[], of: Deployed = deployed) => stackChecks(inventory, hosts, of, [])
const listed = (name: string, of: Deployed = deployed) =>
  checksOf(all, of)
    .filter((check) => check.host.name === name)
    .map(({ service, layer, what }) => `${service} ${layer}: ${what}`)

test('a database host', () => {
  expect(listed('db-1')).toEqual([
    'host host: load and memory',
    'host disk: df',
    'host state: handlers owed',
    'docker container: docker inspect postgres',
    'postgres port: 10.0.0.31:5432',
    'postgres query: select 1',
    'archiver wal: the state of the archiver',
    'postgres wal: pg_stat_archiver',
    'docker container: docker inspect redis',
    'redis port: 10.0.0.31:6379',
    'redis query: PING',
    'backup state: /var/lib/quayside/backup/lock',
  ])
})

test('an app host: both colours’ containers, and what those say that serve', () => {
  expect(listed('app-1').slice(3)).toEqual([
    'docker container: docker inspect api-blue-1 api-blue-2 api-green-1 api-green-2',
    'api query: api-green-1 /api/health',
    'api query: api-green-1 /api/version',
    'api query: api-green-2 /api/health',
    'api query: api-green-2 /api/version',
    'postgres port: 10.0.0.31:5432 of db-1',
    'redis port: 10.0.0.31:6379 of db-1',
  ])
})

test('an edge', () => {
  expect(listed('edge-2').slice(3)).toEqual([
    'docker container: docker inspect nginx',
    'nginx query: /nginx-health',
    'nginx https: http on port 80',
    'nginx tls: the certificate on port 443',
    'api https: /api/ready',
    'api https: /api/version',
    'api port: 10.0.0.21:8030 of app-1',
    'api port: 10.0.0.21:8031 of app-1',
    'deploy state: what it serves',
  ])
})

test('a node of a swarm: the way to the data outside, where the settings name it', () => {
  const node = (stack_settings: Readonly<Record<string, string>>) => ({
    ...host('edge-1', '10.0.0.41'),
    groups: ['all', 'worker'],
    vars: varsOf(swarmVars, { stack_settings }),
  })
  const ports = (settings: Readonly<Record<string, string>>) => {
    const [edge, db] = [node(settings), all.filter(({ name }) => name === 'db-1')]
    return stackChecks({ ...inventory, hosts: [edge, ...db] }, [edge], deployed, [])
      .filter(({ layer }) => layer === 'port')
      .map(({ what }) => what)
  }
  expect(ports({ DATABASE_HOST: '10.0.0.31', REDIS_HOST: '10.0.0.31' })).toEqual([
    '10.0.0.31:5432 of db-1',
    '10.0.0.31:6379 of db-1',
  ])
  expect(ports({ DATABASE_HOST: 'db.elsewhere.test' })).toEqual([])
})

test('before the first deploy nobody is asked for an app', () => {
  const nothing: Deployed = { served: new Set(['blue']), held: new Map([['app-1', {}]]) }
  const apps = [...listed('edge-1', nothing), ...listed('app-1', nothing)].filter((line) =>
    /^(api|docker)/.test(line),
  )
  expect(apps).toEqual(['docker container: docker inspect nginx'])
})

test('where no edge could be asked, both colours count', () => {
  const unknown: Deployed = { ...deployed, served: new Set() }
  expect(listed('app-1', unknown)).toContain('api query: api-blue-1 /api/health')
})

test('hosts that are out of reach are asked nothing, and the others still for them', () => {
  const checks = checksOf(all.filter(({ name }) => name !== 'db-1'))
  expect(checks.map((check) => check.host.name)).not.toContain('db-1')
  expect(checks.map(({ what }) => what)).toContain('10.0.0.31:6379 of db-1')
})

test('no script holds a secret, in plain text or as one', () => {
  for (const { script } of checksOf(all)) {
    expect(script.reveal()).toBe(script.toString())
    expect(script.reveal()).not.toContain(password.reveal())
  }
})
