import { columns } from '../../lib/playbook/backup/table.ts'
import type { Run } from '../../lib/playbook/index.ts'
import { type Owed, owedBy } from '../../lib/playbook/owed.ts'
import type { SwarmSite } from '../../lib/swarm/converge.ts'
import { newestKept } from '../../lib/swarm/keep.ts'
import type { StackDeployed } from '../../lib/swarm/kept.ts'
import { lookAtStack, parseLook, type StackLook } from '../../lib/swarm/look.ts'
import { reachedManagers } from '../../lib/swarm/majority.ts'
import { Managers } from '../../lib/swarm/manager.ts'
import type { Service } from '../../lib/swarm/service.ts'
import { verdictOf } from '../../lib/swarm/verdict.ts'
import { stackVars } from './locked.ts'

/** What stands in the data of the `result` event: result-swarm-status in docs/schemas/events.schema.json. */
interface SwarmStatus {
  readonly nodes: readonly {
    readonly node: string
    readonly role: 'manager' | 'worker'
    readonly state: string
    readonly availability: string
    readonly leader: boolean
    /** how many tasks of the stack run on it */
    readonly tasks: number
  }[]
  readonly services: readonly {
    readonly service: string
    readonly running: number
    readonly wanted: number
    /** converged, converging, rolling back, rolled back, stuck */
    readonly verdict: string
    readonly why?: string
    /** the nodes that run it, each as often as it does */
    readonly on: readonly string[]
  }[]
  readonly history: readonly Pick<StackDeployed, 'at' | 'kind' | 'id' | 'by'>[]
  readonly owed: Owed
}

/** Its nodes, what every service runs, the last deploys, and owed handlers. */
export async function statusOfSwarm(run: Run, site: SwarmSite): Promise<void> {
  const { fleet, emit, signal } = run
  const managers = await reachedManagers(fleet, site.managers, emit)
  const asked = new Managers({ fleet, emit, signal }, managers)
  const [said, { history }, owed] = await Promise.all([
    asked.ask('look at the stack', lookAtStack(stackVars(site).stack_name)),
    newestKept({ fleet, managers, emit }),
    owedBy(run),
  ])
  const found: SwarmStatus = {
    ...seen(parseLook(said)),
    history: history.slice(-10).map(({ at, kind, id, by }) => ({ at, kind, id, by })),
    owed,
  }
  emit({ type: 'result', of: 'swarm-status', data: { ...found } })
  if (!run.args.has('json')) for (const line of inLines(found)) run.print(line)
}

/** Pure: what a look at the stack says of its nodes and services. */
export function seen(look: StackLook): Pick<SwarmStatus, 'nodes' | 'services'> {
  const names = new Map(look.nodes.map(({ id, hostname }) => [id, hostname]))
  const running = look.tasks.filter(({ state, desired }) => state === 'running' && desired === 'running')
  const nodes = look.nodes.map(({ id, hostname, role, state, availability, leader }) => ({
    node: hostname,
    role,
    state,
    availability,
    leader,
    tasks: running.filter(({ nodeId }) => nodeId === id).length,
  }))
  const services = look.services.map((service: Service) => {
    const tasks = look.tasks.filter(({ serviceId }) => serviceId === service.id)
    const verdict = verdictOf({ service, tasks, nodes: look.nodes, now: look.now, deployed: 0 })
    const on = running.filter(({ serviceId }) => serviceId === service.id)
    return {
      service: service.name,
      running: on.length,
      wanted: 'wanted' in verdict ? verdict.wanted : on.length,
      verdict: verdict.kind,
      ...('why' in verdict ? { why: verdict.why } : {}),
      on: on.map(({ nodeId }) => names.get(nodeId) ?? nodeId).toSorted(),
    }
  })
  return {
    nodes: nodes.toSorted((one, two) => one.node.localeCompare(two.node)),
    services: services.toSorted((one, two) => one.service.localeCompare(two.service)),
  }
}

function inLines({ nodes, services, history, owed }: SwarmStatus): readonly string[] {
  return [
    '',
    ...columns([
      ['node', 'role', 'state', 'availability', 'tasks'],
      ...nodes.map(({ node, role, state, availability, leader, tasks }) => [
        node,
        leader ? `${role}, leads` : role,
        state,
        availability,
        String(tasks),
      ]),
    ]),
    '',
    ...columns([
      ['service', 'runs', '', 'on'],
      ...services.map(({ service, running, wanted, verdict, why, on }) => [
        service,
        `${running} of ${wanted}`,
        why === undefined ? verdict : `${verdict}: ${why}`,
        on.join(', '),
      ]),
    ]),
    '',
    'history',
    ...history.map(({ at, kind, id, by }) => `${at.slice(0, 19)}Z  ${kind.padEnd(8)}  ${id}  by ${by}`),
    ...(owed.length === 0 ? [] : ['', 'owed handlers (site.ts pays)']),
    ...owed.map(({ host, handlers }) => `${host.padEnd(9)} ${handlers.join(', ')}`),
  ]
}
