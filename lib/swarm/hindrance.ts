import { fits } from './constraint.ts'
import type { Node } from './node.ts'
import { type Resident, running, type Whole } from './whole.ts'

/** What keeps a node from leaving a swarm: the data of a service that is there, or a service that no other node fits. */
export interface Hindrance {
  readonly kind: 'data' | 'nowhere'
  readonly service: string
  /** the volumes, or what a node would have to be */
  readonly what: readonly string[]
}

/** Why a node cannot go, together with the others that leave; nothing where it can. */
export function hindrances(
  node: Node,
  { services, tasks, nodes }: Whole,
  leaving: readonly Node[],
): readonly Hindrance[] {
  const staying = nodes.filter(
    ({ id, state, availability }) =>
      state !== 'down' && availability === 'active' && leaving.every((each) => each.id !== id),
  )
  const isHere = ({ nodeId }: { nodeId: string }) => nodeId === node.id
  return services.flatMap((service): readonly Hindrance[] => {
    if (service.mode.kind === 'job') return []
    const own = tasks.filter(({ serviceId }) => serviceId === service.id)
    if (service.volumes.length > 0) {
      const elsewhere = running(own).some(({ nodeId }) => staying.some(({ id }) => id === nodeId))
      const belongs = own.some(isHere) || (service.constraints.length > 0 && fits(node, service.constraints))
      return !elsewhere && belongs ? [{ kind: 'data', service: service.name, what: service.volumes }] : []
    }
    if (!running(own).some(isHere) || staying.some((each) => fits(each, service.constraints))) return []
    return [{ kind: 'nowhere', service: service.name, what: service.constraints }]
  })
}

/** Services that are to run elsewhere once a node has gone: what ran on it, as far as the swarm remembers. */
export function toMove(node: Node, { services, tasks }: Whole): readonly Resident[] {
  return services.filter(
    (service) =>
      service.mode.kind !== 'job' &&
      tasks.some(({ serviceId, nodeId }) => serviceId === service.id && nodeId === node.id),
  )
}

/** Of these the ones that run nowhere else: drained at once, they would be away until the new task is up. */
export function aloneOn(node: Node, services: readonly Resident[], { tasks }: Whole): readonly Resident[] {
  return services.filter(({ id, mode }) => {
    const own = running(tasks).filter(({ serviceId }) => serviceId === id)
    return mode.kind === 'replicated' && own.length > 0 && own.every(({ nodeId }) => nodeId === node.id)
  })
}
