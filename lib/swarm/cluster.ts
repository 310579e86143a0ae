import { ConnectionError } from '../connection/error.ts'
import { StepError } from '../engine/error.ts'
import type { Emit } from '../engine/event.ts'
import type { Fleet } from '../engine/fleet.ts'
import { exit, QuaysideError } from '../error.ts'
import type { Host } from '../inventory/inventory.ts'
import { get } from './api.ts'
import { Managers } from './manager.ts'
import { type Member, parseMember, readMember } from './member.ts'
import { type Node, parseNodes } from './node.ts'
import { madeFor, nameOf } from './ours.ts'

/** The swarm of an inventory's hosts, as they tell it at one moment. */
export interface Cluster {
  /** by the host's name; those that could not be reached are missing */
  readonly members: ReadonlyMap<string, Member>
  /** as a manager knows them; none where there is no swarm yet */
  readonly nodes: readonly Node[]
  /** the manager that answered; undefined where there is no swarm yet */
  readonly via: Host | undefined
  readonly unreachable: readonly string[]
}

/**
 * Asks every host. Of the managers the first that has a say answers for all; `prefer` those that are to stay managers.
 * They are given the time to choose a leader. Throws where none has a say then: the swarm has lost its quorum.
 */
export async function lookAtCluster(
  work: { readonly fleet: Pick<Fleet, 'run'>; readonly emit: Emit; readonly signal: AbortSignal },
  hosts: readonly Host[],
  prefer: readonly Host[],
): Promise<Cluster> {
  const members = new Map<string, Member>()
  const unreachable: string[] = []
  await Promise.all(
    hosts.map(async (host) => {
      try {
        const results = await work.fleet.run([host], 'ask for its part in the swarm', () => readMember)
        members.set(host.name, parseMember(results.get(host.name)?.stdout ?? ''))
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error
        unreachable.push(host.name)
      }
    }),
  )
  const asked = [...prefer, ...hosts.filter((host) => !prefer.includes(host))].filter((host) => {
    const member = members.get(host.name)
    return member?.state === 'active' && member.manager
  })
  if (asked.length > 0) {
    const managers = new Managers(work, asked)
    const nodes = await managers.ask('ask for the nodes of the swarm', get('/nodes')).catch(withoutQuorum)
    return { members, nodes: parseNodes(nodes), via: managers.first, unreachable }
  }
  const active = [...members].filter(([, { state }]) => state !== 'inactive').map(([name]) => name)
  // A locked manager is opened first, and asked after.
  const locked = [...members.values()].some(({ state }) => state === 'locked')
  if (active.length > 0 && !locked)
    throw new QuaysideError(`${active.join(', ')}: in a swarm whose managers are none of the hosts reached`, {
      hint: 'bring its managers back, or have these hosts leave it: docker swarm leave',
    })
  return { members, nodes: [], via: undefined, unreachable }
}

function withoutQuorum(error: unknown): never {
  if (!(error instanceof StepError)) throw error
  throw new QuaysideError(`no manager of the swarm has a say: it has lost its quorum\n${error.message}`, {
    hint: 'bring managers back; where they are gone for good: docker swarm init --force-new-cluster on one that is left',
  })
}

/** Throws unless it is certain that there is no swarm: a second one beside the first would have its own half of the hosts. */
export function demandNone({ unreachable }: Cluster): void {
  if (unreachable.length === 0) return
  throw new QuaysideError(`no host reached is in a swarm, but ${unreachable.join(', ')} may be`, {
    hint: 'a swarm is begun when every host of the inventory answers',
    exitCode: exit.unreachable,
  })
}

/** Nodes that a host of the inventory has left behind: it is in the swarm by another id now, or in none. */
export function leftBehind({ nodes, members }: Cluster): readonly Node[] {
  return nodes.filter((node) => {
    const member = members.get(nameOf(node))
    return member !== undefined && member.nodeId !== node.id && node.state !== 'ready'
  })
}

/** Nodes that no host of the inventory is, and that were never made for one. */
export function strangers(cluster: Cluster, hosts: readonly Host[]): readonly Node[] {
  return withoutHost(cluster, hosts).filter((node) => madeFor(node) === undefined)
}

/**
 * Nodes that were made for a host which the inventory no longer has, or has as another machine, which is in the swarm by now. None
 * of them is certain while a host cannot be reached that no node is known of: it may be that one, by another name.
 */
export function departed(cluster: Cluster, hosts: readonly Host[]): readonly Node[] {
  const { members, nodes } = cluster
  if (unplaced(cluster, hosts).length > 0) return []
  const known = (id: string | undefined) => nodes.some((node) => node.id === id)
  const replaced = nodes.filter((node) => {
    const member = members.get(madeFor(node) ?? '')
    return node.state === 'ready' && member?.nodeId !== node.id && known(member?.nodeId)
  })
  return [
    ...withoutHost(cluster, hosts).filter((node) => madeFor(node) !== undefined),
    ...replaced.filter(({ id }) => ![...members.values()].some((member) => member.nodeId === id)),
  ]
}

/** Hosts that cannot be reached, and that no node is known of. */
export function unplaced(cluster: Cluster, hosts: readonly Host[]): readonly string[] {
  return cluster.unreachable.filter(
    (name) => hosts.some((host) => host.name === name) && nodeIdOf(cluster, name) === undefined,
  )
}

function withoutHost({ nodes, members }: Cluster, hosts: readonly Host[]): readonly Node[] {
  const names = new Set(hosts.map(({ name }) => name))
  const ids = new Set([...members.values()].map(({ nodeId }) => nodeId))
  return nodes.filter((node) => !names.has(nameOf(node)) && !ids.has(node.id))
}

/** The id of a host's node: its own word, or where it cannot be reached that of the swarm; undefined for one outside. */
export function nodeIdOf({ nodes, members }: Cluster, host: string): string | undefined {
  const member = members.get(host)
  const id = member === undefined ? nodes.find((node) => nameOf(node) === host)?.id : member.nodeId
  return nodes.some((node) => node.id === id) ? id : undefined
}

/** The id by which a host believes to be in the swarm, where it was removed from it while it was away. */
export function forgottenId({ nodes, members, via }: Cluster, host: string): string | undefined {
  const member = members.get(host)
  if (via === undefined || member?.state !== 'active') return undefined
  return nodes.some(({ id }) => id === member.nodeId) ? undefined : member.nodeId
}
