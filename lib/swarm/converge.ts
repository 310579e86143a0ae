import type { Emit } from '../engine/event.ts'
import type { Fleet } from '../engine/fleet.ts'
import type { Role } from '../engine/role.ts'
import { QuaysideError } from '../error.ts'
import type { Host, Inventory } from '../inventory/inventory.ts'
import type { Secret } from '../secret/index.ts'
import { get } from './api.ts'
import {
  type Cluster,
  demandNone,
  departed,
  leftBehind,
  lookAtCluster,
  nodeIdOf,
  strangers,
  unplaced,
} from './cluster.ts'
import { depart } from './depart.ts'
import type { Node } from './node.ts'
import { demandOdd } from './quorum.ts'
import { parseTokens, type Tokens } from './tokens.ts'
import { keepUnlockKey, keptUnlockKey, unlockKeyFile } from './unlock-key.ts'

/** The hosts that an inventory makes a swarm of. */
export interface SwarmSite {
  readonly managers: readonly Host[]
  readonly workers: readonly Host[]
  readonly all: readonly Host[]
}

/** What bringing hosts together needs of the roles, which lib/ does not know. */
export interface SwarmRoles {
  /** that a host is in the swarm: founded by the first manager, joined by the others */
  member(entry: Entering): Role
  /** played on a manager: the nodes of these hosts are what the inventory says; `autolock` too, where it is wanted */
  nodes(cluster: Cluster, hosts: readonly Host[], options: { quorumMayGo: boolean; settings: boolean }): Role
  /** played on a manager: these nodes, which hosts have left behind, are gone */
  absent(nodes: readonly Node[], quorumMayGo: boolean): Role
  /** played on a manager: these nodes get no tasks, and have none */
  drained(nodes: readonly Node[]): Role
  /** played on a manager: these nodes, whose hosts the inventory no longer has, are gone */
  departed(nodes: readonly Node[], quorumMayGo: boolean): Role
}

export interface Entering {
  readonly cluster: Cluster
  /** the host that begins the swarm, where there is none yet */
  readonly founder: string | undefined
  readonly tokens: Tokens | undefined
  readonly managers: readonly Host[]
  /** all that are to be in the swarm */
  readonly hosts: readonly Host[]
  readonly keptKey: Secret | undefined
}

export interface SwarmWork {
  readonly fleet: Fleet
  readonly roles: SwarmRoles
  readonly emit: Emit
  readonly signal: AbortSignal
  readonly check: boolean
  /** a person has said that the swarm may lose its quorum by what is done */
  readonly quorumMayGo: boolean
  /** a person has said that hosts may leave it with data that is nowhere else */
  readonly dataMayGo: boolean
}

/** A swarm after its hosts were brought together. */
export interface Converged extends Cluster {
  /** hosts that have come into a swarm which was there before */
  readonly joined: readonly string[]
}

/** The site of an inventory with groups manager and worker; undefined for one without managers. */
export function swarmSiteOf(inventory: Inventory): SwarmSite | undefined {
  const of = (name: string) => inventory.hosts.filter((host) => host.groups.includes(name))
  const [managers, workers] = [of('manager'), of('worker')]
  if (managers.length + workers.length === 0) return undefined
  const both = managers.find((host) => workers.includes(host))
  if (both !== undefined)
    throw new QuaysideError(`${both.name} is in group manager and in group worker`, { exitCode: 2 })
  demandOdd(managers.map(({ name }) => name))
  return { managers, workers, all: [...managers, ...workers] }
}

/**
 * Brings the hosts together in one swarm that is as the inventory says. What takes a manager away comes last, when those
 * that take its place have a say; and last of all nodes leave whose hosts the inventory no longer has. Gives the swarm as it
 * then is, or in a check run as it was found.
 */
export async function convergeSwarm(work: SwarmWork, site: SwarmSite): Promise<Converged> {
  const { fleet, roles, emit, check, quorumMayGo } = work
  const look = () => lookAtCluster(work, site.all, site.managers)
  const keptKey = await keptUnlockKey(fleet.inventory.env)
  const entering = {
    managers: site.managers,
    hosts: site.all,
    keptKey,
    founder: undefined,
    tokens: undefined,
  }

  let cluster = await look()
  const locked = site.all.filter(({ name }) => cluster.members.get(name)?.state === 'locked')
  if (locked.length > 0) {
    await fleet.converge([{ hosts: named(locked), roles: [roles.member({ ...entering, cluster })] }])
    fleet.demand('locked managers could not be opened')
    if (!check) cluster = await look()
    else if (cluster.via === undefined) return { ...cluster, joined: [] }
  }
  const found = cluster
  const [founder] = cluster.via === undefined ? site.managers : []
  if (founder !== undefined) {
    demandNone(cluster)
    const role = roles.member({ ...entering, cluster, founder: founder.name })
    await fleet.converge([{ hosts: founder.name, roles: [role] }])
    fleet.demand('the swarm could not be begun')
    if (!check) cluster = await look()
  }
  const left = leftBehind(cluster)
  if (cluster.via !== undefined && left.length > 0)
    await fleet.converge([{ hosts: cluster.via.name, roles: [roles.absent(left, quorumMayGo)] }])

  const tokens = cluster.via === undefined ? undefined : await tokensOf(fleet, cluster.via)
  const others = (hosts: readonly Host[]) => hosts.filter(({ name }) => name !== founder?.name)
  const join = roles.member({ ...entering, cluster, tokens })
  await fleet.converge(
    [
      // Managers one after another: each changes who has a say.
      { hosts: named(others(site.managers)), roles: [join], serial: 1 as const, anyErrorsFatal: true },
      { hosts: named(others(site.workers)), roles: [join] },
    ].filter(({ hosts }) => hosts !== ''),
  )
  if (!check) cluster = await look()
  const options = { quorumMayGo, settings: true }
  // On a manager that stays one; in a check run before there is a swarm, on the one that is to begin it.
  await order(site.managers, options)
  if (!check) cluster = await look()
  await order(site.workers, { ...options, settings: false })
  for (const { hostname, availability } of strangers(cluster, site.all))
    emit({
      type: 'note',
      text: `${hostname} is in the swarm (${availability}), and never was in the inventory: it is left alone`,
    })
  const unknown = unplaced(cluster, site.all)
  if (unknown.length > 0 && cluster.via !== undefined)
    emit({
      type: 'note',
      text: `no node is taken for one that left: ${unknown.join(', ')} cannot be asked which it is`,
    })
  const gone = departed(cluster, site.all)
  if (gone.length > 0) {
    if (!check) fleet.demand('no node is removed while not all is well')
    await depart(work, site, cluster.nodes, gone)
    if (!check) cluster = await look()
  }
  const joined = site.all.filter(
    ({ name }) => nodeIdOf(found, name) === undefined && nodeIdOf(cluster, name) !== undefined,
  )
  return { ...cluster, joined: founder === undefined ? joined.map(({ name }) => name) : [] }

  async function order(hosts: readonly Host[], how: { quorumMayGo: boolean; settings: boolean }) {
    const via = cluster.via ?? founder
    if (via === undefined || hosts.length === 0) return
    await fleet.converge([{ hosts: via.name, roles: [roles.nodes(cluster, hosts, how)] }])
  }
}

/** After a swarm was made to lock, or its key was rotated: the key is kept, and where it is gets told. */
export async function keepKey({ fleet, emit }: SwarmWork, via: Host): Promise<void> {
  const path = await keepUnlockKey(fleet, via, fleet.inventory.env)
  if (path === undefined) return
  const text = `the unlock key is in ${unlockKeyFile(fleet.inventory.env)}: keep a copy where the swarm's end does not reach it`
  emit({ type: 'note', text })
}

async function tokensOf(fleet: Fleet, via: Host): Promise<Tokens> {
  const results = await fleet.run([via], 'ask for what lets hosts in', () => get('/swarm'))
  return parseTokens(results.get(via.name)?.stdout ?? '')
}

function named(hosts: readonly Host[]): string {
  return hosts.map(({ name }) => name).join(',')
}
