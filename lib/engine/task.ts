import type { Host, Inventory } from '../inventory/inventory.ts'
import type { Resource } from '../resource/resource.ts'
import type { Script } from '../script/index.ts'
import { debtOf } from './debt.ts'
import type { Facts } from './facts.ts'
import type { Play } from './play.ts'

/** A resource on a host, with the role that wants it and the handlers (as debts) that a change of it owes. */
export interface Task {
  readonly role: string
  readonly resource: Resource
  readonly debts: readonly string[]
}

/** What one play means on one host. */
export interface HostPlay {
  readonly tasks: readonly Task[]
  /** by debt name, in the order the roles declare them */
  readonly handlers: ReadonlyMap<string, Script>
}

/** Computes a play on a host: pure, no I/O. Throws for a resource named twice or a handler that no role has. */
export function planHost(play: Play, host: Host, inventory: Inventory, facts: Facts): HostPlay {
  const tasks: Task[] = []
  const handlers = new Map<string, Script>()
  const seen = new Set<string>()
  for (const role of play.roles) {
    const context = { vars: host.vars, facts, host, group: (name: string) => inventory.select(name) }
    for (const [name, script] of Object.entries(role.handlers(context)))
      handlers.set(debtOf(role.name, name), script)
    for (const resource of role.resources(context)) {
      if (seen.has(resource.id)) throw new Error(`role ${role.name}: ${resource.id} stands twice in one play`)
      seen.add(resource.id)
      const debts = (resource.notify ?? []).map((name) => debtOf(role.name, name))
      const missing = debts.find((debt) => !handlers.has(debt))
      if (missing !== undefined) throw new Error(`${resource.id}: no such handler: ${missing}`)
      tasks.push({ role: role.name, resource, debts })
    }
  }
  return { tasks, handlers }
}
