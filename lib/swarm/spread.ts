import { QuaysideError } from '../error.ts'
import { fits } from './constraint.ts'
import { follow } from './follow.ts'
import { placeAnew } from './look.ts'
import { Managers } from './manager.ts'
import type { StackWork } from './rollout.ts'
import { lookAtWhole, parseWhole, type Resident, running, type Whole } from './whole.ts'

/**
 * Services of which a node has two tasks or more while another that fits has none: what runs does not move by itself when a node
 * joins. What keeps data stays where it is.
 */
export function uneven({ services, tasks, nodes }: Whole, stack: string): readonly Resident[] {
  return services.filter((service) => {
    if (service.stack !== stack || service.mode.kind !== 'replicated' || service.volumes.length > 0)
      return false
    const own = running(tasks).filter(({ serviceId }) => serviceId === service.id)
    const counts = nodes
      .filter(
        (node) => node.state === 'ready' && node.availability === 'active' && fits(node, service.constraints),
      )
      .map(({ id }) => own.filter(({ nodeId }) => nodeId === id).length)
    return Math.min(...counts) === 0 && Math.max(...counts) > 1
  })
}

/** Has services that are spread unevenly made anew, one task after another as their update order says, and follows them. */
export async function spread(work: StackWork, stack: string): Promise<void> {
  const { fleet, emit, signal, patienceSeconds } = work
  const managers = new Managers(work, work.managers)
  const whole = parseWhole(await managers.ask('look at what runs', lookAtWhole))
  for (const { id, name } of uneven(whole, stack)) {
    signal.throwIfAborted()
    emit({ type: 'step', text: `${name}: spreading its tasks over the nodes` })
    const { now } = parseWhole(await managers.ask('look at what runs', lookAtWhole))
    await managers.ask(`place ${name} anew`, placeAnew(id))
    const following = { stack, services: [name], deployed: now, patienceSeconds, fleet, emit, signal }
    const [failure] = await follow(managers, following)
    if (failure !== undefined)
      throw new QuaysideError(`${name} is not spread over the nodes: ${failure.kind}: ${failure.why}`)
  }
}
