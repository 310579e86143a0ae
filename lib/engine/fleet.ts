import type { Connection, Result, RunOptions } from '../connection/connection.ts'
import { ConnectionError } from '../connection/error.ts'
import { exit, QuaysideError } from '../error.ts'
import type { Host, Inventory } from '../inventory/inventory.ts'
import type { Script } from '../script/index.ts'
import { convergeHost } from './converge.ts'
import { StepError } from './error.ts'
import type { Emit, Tally } from './event.ts'
import type { Play } from './play.ts'
import { pool } from './pool.ts'
import { Session } from './session.ts'
import { type HostPlay, planHost } from './task.ts'

export interface FleetOptions {
  readonly inventory: Inventory
  readonly connect: (host: Host, options: { signal: AbortSignal }) => Promise<Connection>
  /** hosts worked on at the same time */
  readonly forks: number
  readonly check: boolean
  readonly emit: Emit
  readonly signal: AbortSignal
}

/** The hosts of one run: connected when first needed, dropped from the run when they fail, closed at its end. */
export class Fleet {
  readonly #options: FleetOptions
  readonly #sessions = new Map<string, Promise<Session>>()
  readonly #tallies = new Map<string, Tally>()

  constructor(options: FleetOptions) {
    this.#options = options
  }

  get inventory(): Inventory {
    return this.#options.inventory
  }

  get tallies(): readonly Tally[] {
    return this.inventory.hosts.flatMap((host) => this.#tallies.get(host.name) ?? [])
  }

  /** The connection of a host, opened once a run. */
  async session(host: Host): Promise<Session> {
    let session = this.#sessions.get(host.name)
    if (session === undefined) {
      const { connect, signal } = this.#options
      session = connect(host, { signal }).then((connection) => Session.open(host, connection))
      this.#sessions.set(host.name, session)
    }
    return session
  }

  /**
   * Converges plays, one after another. A host that fails is left out of what follows while the others go on; see
   * `demand` for a run that cannot. All plays of a host are probed in one look, so a host with nothing to change
   * costs two round trips: its facts and its probes.
   */
  async converge(plays: readonly Play[]): Promise<void> {
    const { emit, forks } = this.#options
    const work = new Map<string, Map<Play, HostPlay>>()
    const hosts = this.inventory.hosts.filter((host) => plays.some((play) => this.#in(play, host)))
    await pool(hosts, forks, (host) =>
      this.#guard(host, async () => {
        const session = await this.session(host)
        const mine = plays.filter((play) => this.#in(play, host))
        const planned = new Map(
          mine.map((play) => [play, planHost(play, host, this.inventory, session.facts)]),
        )
        const tasks = [...planned.values()].flatMap((each) => each.tasks)
        await session.look(tasks)
        work.set(host.name, planned)
      }),
    )
    for (const play of plays) {
      const chosen = this.inventory.select(play.hosts).filter((host) => this.#tally(host).state === 'ok')
      emit({
        type: 'play',
        hosts: play.hosts,
        on: chosen.map((host) => host.name),
        roles: play.roles.map((role) => role.name),
      })
      await pool(chosen, Math.min(forks, play.serial ?? forks), (host) =>
        this.#guard(host, async () => {
          const planned = work.get(host.name)?.get(play)
          if (planned === undefined) return
          await convergeHost(await this.session(host), planned, this.#tally(host), this.#options)
        }),
      )
    }
  }

  /**
   * Runs a script on hosts at the same time, and lets it finish where the run is interrupted. Throws a StepError when
   * it fails on one, after all have ended.
   */
  async run(
    hosts: readonly Host[],
    step: string,
    script: (host: Host) => Script,
    options: RunOptions = {},
  ): Promise<ReadonlyMap<string, Result>> {
    const settled = await Promise.allSettled(
      hosts.map(async (host) => {
        const session = await this.session(host)
        const result = await session.connection.run(script(host), options)
        if (result.code !== 0) throw new StepError(host.name, step, result)
        return [host.name, result] as const
      }),
    )
    const failed = settled.find((each) => each.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    return new Map(settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])))
  }

  /** Throws when a host has failed so far: for a run that must have every host. */
  demand(why: string): void {
    const bad = this.tallies.filter((tally) => tally.state !== 'ok')
    if (bad.length === 0) return
    const names = bad.map((tally) => `${tally.host} (${tally.state})`).join(', ')
    const unreachable = bad.every((tally) => tally.state === 'unreachable')
    throw new QuaysideError(`${why}: ${names}`, { exitCode: unreachable ? exit.unreachable : exit.failed })
  }

  async close(): Promise<void> {
    const sessions = await Promise.allSettled(this.#sessions.values())
    await Promise.allSettled(
      sessions.map((each) => (each.status === 'fulfilled' ? each.value.connection.close() : undefined)),
    )
  }

  async #guard(host: Host, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (this.#options.signal.aborted) throw error
      if (!(error instanceof QuaysideError)) throw error
      const unreachable = error instanceof ConnectionError
      this.#tally(host).state = unreachable ? 'unreachable' : 'failed'
      this.#options.emit({ type: 'host-failed', host: host.name, unreachable, error })
    }
  }

  #in(play: Play, host: Host): boolean {
    return this.inventory.select(play.hosts).includes(host)
  }

  #tally(host: Host): Tally {
    let tally = this.#tallies.get(host.name)
    if (tally === undefined) {
      tally = {
        host: host.name,
        unchanged: 0,
        changed: 0,
        pending: 0,
        handlers: 0,
        skipped: 0,
        rescued: 0,
        state: 'ok',
      }
      this.#tallies.set(host.name, tally)
    }
    return tally
  }
}
