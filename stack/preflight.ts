import { readFile } from 'node:fs/promises'
import type { Host } from '../lib/inventory/inventory.ts'
import { type Cluster, nodeIdOf } from '../lib/swarm/cluster.ts'
import type { SwarmSite } from '../lib/swarm/converge.ts'
import {
  type Connections,
  type Expected,
  type Keepalive,
  servicesOf,
} from '../lib/swarm/preflight/expected.ts'
import { preflight } from '../lib/swarm/preflight/preflight.ts'
import type { StackWork } from '../lib/swarm/rollout.ts'
import type { SwarmVars } from '../roles/swarm/schema.ts'
import { maxConnections, spareConnections, stageOf } from './environment/index.ts'
import { elsewhere, stackFileOf } from './on-swarm.ts'

/** Looks whether a release can be deployed to the swarm, before anything is touched; see lib/swarm/preflight. */
export async function preflightOf(
  work: Pick<StackWork, 'fleet' | 'emit'>,
  { all }: SwarmSite,
  cluster: Cluster,
  vars: SwarmVars,
  id: string,
): Promise<void> {
  const file = await stackFileOf(vars, id)
  const expected: Expected = {
    stack: vars.stack_name,
    services: servicesOf(file),
    encrypted: vars.stack_encrypted,
    diskFreeMb: vars.stack_disk_free_mb,
    connections: connectionsOf(vars),
    keepalives: (await keepalives()).filter(({ service }) => file.services[service] !== undefined),
  }
  await preflight(work, all, asWished(cluster, all), expected, vars.stack_preflight === 'tell')
}

/** The nodes with what the inventory says of them: a check run has not set it, and the swarm was looked at before a run did. */
function asWished(cluster: Cluster, hosts: readonly Host[]): Cluster {
  const nodes = cluster.nodes.map((node) => {
    const host = hosts.find(({ name }) => nodeIdOf(cluster, name) === node.id)
    if (host === undefined) return node
    // They passed the role's schema.
    const { swarm_labels: labels, swarm_availability: availability } = host.vars as unknown as SwarmVars
    return { ...node, labels, availability }
  })
  return { ...cluster, nodes }
}

/** While a container of the api is replaced there is one more of it. */
function connectionsOf(vars: SwarmVars): Connections {
  const given = vars.stack_settings
  const { properties } = stageOf('swarm').settings
  const setting = (name: string) => Number(given[name] ?? properties[name]?.default)
  return {
    containers: setting('API_REPLICAS') + 1,
    each: setting('DATABASE_POOL_SIZE'),
    most: elsewhere(vars).includes('postgres') ? undefined : maxConnections - spareConnections,
  }
}

/** As the servers' own configuration has it. */
async function keepalives(): Promise<readonly Keepalive[]> {
  const read = async (service: string, path: string, pattern: RegExp) => {
    const text = await readFile(new URL(`../compose/${path}`, import.meta.url), 'utf8')
    return { service, seconds: Number(pattern.exec(text)?.[1] ?? 0) }
  }
  return Promise.all([
    read('postgres', 'postgres/postgresql.conf', /^tcp_keepalives_idle = (\d+)$/m),
    read('redis', 'redis/redis.conf', /^tcp-keepalive (\d+)$/m),
  ])
}
