import { role } from '../../lib/engine/role.ts'
import type { Host } from '../../lib/inventory/inventory.ts'
import { forgottenId, nodeIdOf } from '../../lib/swarm/cluster.ts'
import type { Entering, SwarmRoles } from '../../lib/swarm/converge.ts'
import { hostLabel } from '../../lib/swarm/ours.ts'
import { privateIp } from '../private-ip.ts'
import { swarmAutolock } from './autolock.ts'
import { swarmMember } from './member.ts'
import { absentSwarmNode, drainedSwarmNode, swarmNode } from './node.ts'
import { type SwarmVars, swarmVars } from './schema.ts'

const name = 'swarm'
const managing = 2377

/** What bringing hosts together in a swarm asks of this role. */
export const swarmRoles: SwarmRoles = {
  member: (entering) =>
    role({
      name,
      about: 'A member of the swarm',
      vars: swarmVars,
      resources: ({ vars, host }) => {
        const manager = entering.managers.some((each) => each.name === host.name)
        const as = entering.founder === host.name ? 'founder' : manager ? 'manager' : 'worker'
        return [
          swarmMember({
            address: privateIp(host, 'the swarm is to reach it at'),
            as,
            remotes: remotesOf(entering, host.name),
            ours: entering.hosts.map(at),
            token: manager ? entering.tokens?.manager : entering.tokens?.worker,
            forgotten: forgottenId(entering.cluster, host.name),
            unlockKey: vars.swarm_unlock_key ?? entering.keptKey,
            addressPools: vars.swarm_address_pools,
          }),
        ]
      },
    }),

  nodes: (cluster, hosts, { quorumMayGo, settings }) =>
    role({
      name,
      about: 'The nodes of the swarm as the inventory has them',
      vars: swarmVars,
      resources: ({ vars }) => [
        ...hosts.map((host) => {
          // Another host's variables passed the same schema.
          const its = host.vars as unknown as SwarmVars
          return swarmNode({
            name: host.name,
            id: nodeIdOf(cluster, host.name),
            role: host.groups.includes('manager') ? 'manager' : 'worker',
            availability: its.swarm_availability,
            labels: { ...its.swarm_labels, [hostLabel]: host.name },
            quorumMayGo,
          })
        }),
        ...(settings ? [swarmAutolock(vars.swarm_autolock)] : []),
      ],
    }),

  absent: (nodes, quorumMayGo) =>
    role({
      name,
      about: 'Nodes that hosts have left behind',
      vars: swarmVars,
      resources: () => nodes.map((node) => absentSwarmNode(node, 'left behind', quorumMayGo)),
    }),

  drained: (nodes) =>
    role({
      name,
      about: 'Nodes that are to have no tasks',
      vars: swarmVars,
      resources: () => nodes.map(drainedSwarmNode),
    }),

  departed: (nodes, quorumMayGo) =>
    role({
      name,
      about: 'Nodes whose hosts the inventory no longer has',
      vars: swarmVars,
      resources: () => nodes.map((node) => absentSwarmNode(node, 'not in the inventory', quorumMayGo)),
    }),
}

/** Managers that a host may ask: those that are in the swarm already, but for itself. */
/**
 * Who has a say now lets others in, by the word of a manager: a host that is to be one and is not yet does not listen, and one that
 * has just been demoted says for a moment that it still is.
 */
function remotesOf({ cluster, hosts }: Entering, host: string): readonly string[] {
  const managers = cluster.nodes.filter(({ role, reachable }) => role === 'manager' && reachable)
  const ids = new Set(managers.map(({ id }) => id))
  return hosts.filter(({ name }) => name !== host && ids.has(cluster.members.get(name)?.nodeId ?? '')).map(at)
}

const at = (host: Host) => `${privateIp(host, 'the swarm is to reach it at')}:${managing}`
