import type { X509Certificate } from 'node:crypto'
import { backupLock } from '../lib/backup/place.ts'
import { deployLock } from '../lib/deploy/paths.ts'
import {
  type Check,
  type Deployed,
  debtsCheck,
  diskCheck,
  edgeCheck,
  hostCheck,
  lockCheck,
} from '../lib/health/index.ts'
import type { Host, Inventory } from '../lib/inventory/inventory.ts'
import { appChecks, type Backend, upstreamChecks } from './app/checks.ts'
import { collectorCheck } from './log-collector/checks.ts'
import { storeCheck } from './log-store/checks.ts'
import { nginxChecks } from './nginx-tls/checks.ts'
import { postgresChecks } from './postgres-pgvector/checks.ts'
import type { PostgresVars } from './postgres-pgvector/schema.ts'
import { redisChecks } from './redis/checks.ts'
import type { RedisVars } from './redis/schema.ts'
import { swarmChecks } from './swarm/checks.ts'

/**
 * Every check of the stack, for hosts that could be reached: what health.ts makes, and what a deploy can make after a flip.
 * `deployed` is what the hosts say of releases (lookAround); `roots` are what certificates may end with.
 */
export function stackChecks(
  inventory: Inventory,
  hosts: readonly Host[],
  deployed: Deployed,
  roots: readonly X509Certificate[],
): readonly Check[] {
  const of = (group: string) => inventory.hosts.filter((host) => host.groups.includes(group))
  const backends = of('db').flatMap(backendsOf)
  const keepsLogs = of('logs').length > 0
  const each = hosts.flatMap((host) => [
    hostCheck(host),
    diskCheck(host),
    debtsCheck(host),
    ...(keepsLogs ? [collectorCheck(host)] : []),
    ...(host.groups.includes('logs') ? [storeCheck(host)] : []),
    ...(host.groups.includes('db')
      ? [...postgresChecks(host), ...redisChecks(host), lockCheck(host, 'backup', backupLock('backup').file)]
      : []),
    ...(host.groups.includes('app') ? appChecks(host, deployed, backends) : []),
    ...(host.groups.includes('edge')
      ? [
          ...nginxChecks(host, roots, deployed),
          ...upstreamChecks(host, of('app'), deployed),
          edgeCheck(host, deployLock('deploy').file, deployed),
        ]
      : []),
  ])
  return [...each, ...swarmChecks(hosts, roots, backends)]
}

function backendsOf(host: Host): readonly Backend[] {
  const vars = host.vars as unknown as PostgresVars & RedisVars
  const address = host.privateAddress
  return [
    { service: 'postgres', host, address, port: vars.postgres_port },
    { service: 'redis', host, address, port: vars.redis_port },
  ]
}
