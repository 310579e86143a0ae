import { QuaysideError } from '../error.ts'
import type { Host, Inventory } from '../inventory/inventory.ts'
import { present } from '../inventory/present.ts'
import type { Facts } from './facts.ts'
import { checkPlatform } from './platform.ts'
import type { Play } from './play.ts'
import type { Session } from './session.ts'
import { startingAt, type Work } from './start-at.ts'
import { noFilter, type TagFilter } from './tags.ts'
import { FactsWanted, type HostPlay, planHost } from './task.ts'

/** What of a run's plays is meant: --limit, --tags and --skip-tags, --start-at. */
export interface Selection {
  /** names of hosts */
  readonly limit?: ReadonlySet<string>
  readonly filter?: TagFilter
  /** the id of a resource; "*" stands for anything */
  readonly startAt?: string
}

/** Facts of hosts that a run does not visit. */
export interface FactsStore {
  read(host: string): Promise<Facts | undefined>
  write(host: string, facts: Facts): Promise<void>
}

interface PlannerOptions {
  readonly inventory: Inventory
  readonly selection: Selection | undefined
  readonly factsStore: FactsStore | undefined
  readonly session: (host: Host) => Promise<Session>
}

/** Computes what plays mean on a host: by its variables and facts, and by other hosts' facts where a role asks after them. */
export class Planner {
  readonly #options: PlannerOptions
  readonly #others = new Map<string, Facts>()

  constructor(options: PlannerOptions) {
    this.#options = options
  }

  /** The hosts of a play that the run means, in the inventory's order. */
  hostsOf(play: Play): readonly Host[] {
    const { inventory, selection } = this.#options
    const hosts = play.optional ? present(inventory, play.hosts) : inventory.select(play.hosts)
    const limit = selection?.limit
    return limit === undefined ? hosts : hosts.filter((host) => limit.has(host.name))
  }

  /** A host's part of the plays; a role that asks after another host's facts is called again once they are here. */
  async planned(plays: readonly Play[], host: Host, { facts }: Session): Promise<Map<Play, HostPlay>> {
    const { inventory, selection } = this.#options
    const filter = selection?.filter ?? noFilter
    const mine = plays.filter((play) => this.hostsOf(play).includes(host))
    for (const role of mine.flatMap((play) => play.roles)) {
      const refused = checkPlatform(role, facts)
      if (refused !== undefined) throw refused
    }
    for (;;) {
      try {
        const known = { inventory, facts, others: this.#others }
        return new Map(mine.map((play) => [play, planHost(play, host, known, filter)]))
      } catch (error) {
        if (!(error instanceof FactsWanted)) throw error
        this.#others.set(error.host, await this.#factsOf(error.host))
      }
    }
  }

  /** Work from the resource on that --start-at names. */
  started(plays: readonly Play[], work: Work): Work {
    const startAt = this.#options.selection?.startAt
    return startAt === undefined ? work : startingAt(plays, work, startAt)
  }

  async #factsOf(name: string): Promise<Facts> {
    const { inventory, selection, factsStore, session } = this.#options
    const [host] = inventory.select(name)
    if (host === undefined || host.name !== name)
      throw new QuaysideError(`no host is called ${name}: it has no facts`)
    const away = selection?.limit !== undefined && !selection.limit.has(name)
    return (away ? await factsStore?.read(name) : undefined) ?? (await session(host)).facts
  }
}
