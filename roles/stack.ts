import type { Play } from '../lib/engine/play.ts'
import { app } from './app/role.ts'
import { backup } from './backup/role.ts'
import { docker } from './docker/role.ts'
import { firewall } from './firewall/role.ts'
import { imageScan } from './image-scan/role.ts'
import { logCollector } from './log-collector/role.ts'
import { logStore } from './log-store/role.ts'
import { nginxTls } from './nginx-tls/role.ts'
import { postgresPgvector } from './postgres-pgvector/role.ts'
import { redis } from './redis/role.ts'
import { schedule } from './schedule/role.ts'
import { swarm } from './swarm/role.ts'

/** What each host becomes: the whole stack, as site.ts converges it and every deploy expects it. */
export const stack: readonly Play[] = [
  { hosts: 'all', roles: [docker, firewall] },
  { hosts: 'logs', roles: [logStore], optional: true },
  { hosts: 'all', roles: [logCollector] },
  // An environment is deployed blue-green to edges, app hosts and a database's, or to a swarm; it may be both.
  { hosts: 'manager', roles: [swarm], optional: true },
  { hosts: 'worker', roles: [swarm], optional: true },
  { hosts: 'db', roles: [postgresPgvector, redis], optional: true },
  { hosts: 'app', roles: [app], optional: true },
  { hosts: 'edge', roles: [nginxTls], serial: 1, optional: true },
]

/** Plays of playbooks of their own: what site.ts leaves alone. Their variables stand in the same inventories. */
export const others: readonly Play[] = [{ hosts: 'all', roles: [backup, schedule, imageScan] }]

/** Every role with the hosts it may be played on: all that an inventory can hold variables for. */
export const everyPlay: readonly Play[] = [...stack, ...others]
