import { fits } from './constraint.ts'
import type { StackLook } from './look.ts'
import type { Service } from './service.ts'
import type { Verdict } from './verdict.ts'

/** Why a service's tasks are to be placed anew, by hand: the swarm would wait for good. */
export interface Anew {
  /** the same reason is none a second time */
  readonly key: string
  readonly why: string
}

/** States of a task before it runs. */
const early = new Set(['new', 'pending', 'assigned', 'accepted', 'preparing', 'ready', 'starting'])

/** Two cases in which a swarm does not help itself, though it could; undefined for all others. */
export function whyAnew(verdict: Verdict, service: Service, look: StackLook): Anew | undefined {
  if (isForgotten(verdict, service, look))
    return { key: service.id, why: 'a node fits, and the swarm does not see it' }
  const task = abandoned(service, look)
  if (task === undefined) return undefined
  const node = look.nodes.find(({ id }) => id === task.nodeId)?.hostname
  return { key: task.id, why: `its update waits for a task that went down with ${node}` }
}

/**
 * True for a task that no node was found for, though one fits by now. A scheduler lets go of a waiting task for good when its
 * service is updated meanwhile without a change of its tasks, as every `docker stack deploy` does: moby/moby#53722.
 */
function isForgotten(verdict: Verdict, { constraints }: Service, { nodes }: StackLook): boolean {
  if (verdict.kind !== 'stuck' || verdict.task?.state !== 'pending') return false
  return nodes.some(
    (node) => node.state === 'ready' && node.availability === 'active' && fits(node, constraints),
  )
}

/**
 * The new task that an update waits for, on a node that died before it ran. Another takes its place, and the updater goes on
 * waiting for this one (swarmkit, manager/orchestrator/update: `updateTask` has no end but the task's own or another
 * update). A rollback is left alone: another update would make a success of it.
 */
function abandoned(service: Service, { tasks, nodes }: StackLook) {
  if (service.update?.state !== 'updating') return undefined
  const down = new Set(nodes.filter(({ state }) => state === 'down').map(({ id }) => id))
  return tasks.find(
    ({ serviceId, nodeId, state, desired }) =>
      serviceId === service.id && down.has(nodeId) && early.has(state) && desired === 'shutdown',
  )
}
