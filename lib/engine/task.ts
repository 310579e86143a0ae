import type { Host, Inventory } from '../inventory/inventory.ts'
import { present } from '../inventory/present.ts'
import type { Resource, ResourceManner } from '../resource/index.ts'
import type { Script } from '../script/index.ts'
import { debtOf } from './debt.ts'
import type { Facts } from './facts.ts'
import type { Play } from './play.ts'
import { isWanted, type TagFilter } from './tags.ts'

/** A resource on a host, with the role that wants it and the handlers (as debts) that a change of it owes. */
export interface Task {
  readonly role: string
  readonly resource: Resource
  readonly manner: ResourceManner
  readonly debts: readonly string[]
  readonly tags: readonly string[]
}

/** What one play means on one host. */
export interface HostPlay {
  /** those that the run's tags mean, in order */
  readonly tasks: readonly Task[]
  /** by debt name, in the order the roles declare them */
  readonly handlers: ReadonlyMap<string, Script>
}

/** Thrown by a role's question after facts that nobody has fetched yet: fetch them, and call the role again. */
export class FactsWanted extends Error {
  readonly host: string

  constructor(host: string) {
    super(`the facts of ${host} are wanted`)
    this.host = host
  }
}

/** What a role may ask while a play is computed. */
export interface Known {
  readonly inventory: Inventory
  readonly facts: Facts
  /** of other hosts, by name; those missing are asked for by FactsWanted */
  readonly others: ReadonlyMap<string, Facts>
}

/** Computes a play on a host: pure, no I/O. Throws for a resource named twice or a handler that no role has. */
export function planHost(play: Play, host: Host, known: Known, filter: TagFilter): HostPlay {
  const tasks: Task[] = []
  const handlers = new Map<string, Script>()
  const seen = new Set<string>()
  const context = contextOf(host, known)
  for (const role of play.roles) {
    for (const [name, script] of Object.entries(role.handlers(context)))
      handlers.set(debtOf(role.name, name), script)
    for (const resource of role.resources(context)) {
      if (seen.has(resource.id)) throw new Error(`role ${role.name}: ${resource.id} stands twice in one play`)
      seen.add(resource.id)
      const debts = (resource.notify ?? []).map((name) => debtOf(role.name, name))
      const missing = debts.find((debt) => !handlers.has(debt))
      if (missing !== undefined) throw new Error(`${resource.id}: no such handler: ${missing}`)
      const manner = resource.manner ?? {}
      const own = [...(play.tags ?? []), ...(manner.tags ?? [])]
      const undeclared = manner.tags?.find((tag) => !isDeclared(tag, role.tags))
      if (undeclared !== undefined)
        throw new Error(
          `role ${role.name}: ${resource.id} has the tag ${undeclared}: add it to the role's tags`,
        )
      if (isWanted(role.name, new Set(own), filter))
        tasks.push({ role: role.name, resource, manner, debts, tags: [role.name, ...own] })
    }
  }
  return { tasks, handlers }
}

/** Tags stand in the role itself, so that a misspelt --tags is found before a host is asked. */
function isDeclared(tag: string, declared: readonly string[]): boolean {
  return declared.includes(tag) || tag === 'always' || tag === 'never'
}

function contextOf(host: Host, { inventory, facts, others }: Known) {
  return {
    vars: host.vars,
    facts,
    env: inventory.env,
    host,
    group: (pattern: string) => inventory.select(pattern),
    groupIfAny: (pattern: string) => present(inventory, pattern),
    factsOf: (name: string): Facts => {
      if (name === host.name) return facts
      const found = others.get(name)
      if (found === undefined) throw new FactsWanted(name)
      return found
    },
  }
}
