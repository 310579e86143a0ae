import type { Connection, Result, RunOptions } from '../connection/connection.ts'
import { ConnectionError } from '../connection/error.ts'
import { exit, QuaysideError } from '../error.ts'
import type { Host, Inventory } from '../inventory/inventory.ts'
import type { Script } from '../script/index.ts'
import type { Course } from './course.ts'
import { LeftOut } from './course.ts'
import { StepError } from './error.ts'
import type { Tally } from './event.ts'
import { type FactsStore, Planner, type Selection } from './planner.ts'
import type { Play } from './play.ts'
import { PlayError } from './play-error.ts'
import { pool } from './pool.ts'
import { roll } from './roll.ts'
import type { PlannedStep } from './saved-plan.ts'
import type { Session } from './session.ts'
import { Sessions } from './sessions.ts'
import type { Work } from './start-at.ts'
import { Tallies } from './tallies.ts'
import type { HostPlay } from './task.ts'

export interface FleetOptions extends Course {
  readonly inventory: Inventory
  readonly connect: (host: Host, options: { signal: AbortSignal }) => Promise<Connection>
  /** hosts worked on at the same time */
  readonly forks: number
  /** which hosts and resources are meant; all unless told */
  readonly selection?: Selection
  /** where facts are kept from run to run */
  readonly factsStore?: FactsStore
}

/** The hosts of one run: connected when first needed, dropped from the run when they fail, closed at its end. */
export class Fleet {
  readonly #options: FleetOptions
  readonly #sessions: Sessions
  readonly #planner: Planner
  readonly #tallies = new Tallies()

  constructor(options: FleetOptions) {
    const { inventory, selection, factsStore } = options
    this.#options = options
    this.#sessions = new Sessions({ ...options, factsStore })
    this.#planner = new Planner({ inventory, selection, factsStore, session: (host) => this.session(host) })
  }

  get inventory(): Inventory {
    return this.#options.inventory
  }

  get tallies(): readonly Tally[] {
    return this.inventory.hosts.flatMap(({ name }) =>
      this.#tallies.has(name) ? [this.#tallies.of(name)] : [],
    )
  }

  /** The hosts of a play that this run means, in the inventory's order. */
  hostsOf(play: Play): readonly Host[] {
    return this.#planner.hostsOf(play)
  }

  /** The connection of a host, opened once a run. */
  session(host: Host): Promise<Session> {
    return this.#sessions.of(host)
  }

  /**
   * Converges plays, one after another. A host that fails is left out of what follows while the others go on; see
   * `demand` for a run that cannot. All plays of a host are probed in one look, so a host with nothing to change
   * costs two round trips: its facts and its probes. A play that stops (see Play) ends all that would follow it.
   */
  async converge(plays: readonly Play[]): Promise<void> {
    const hosts = this.#among(plays)
    const work = await this.#prepare(plays, hosts)
    for (const [index, play] of plays.entries()) {
      const why = await this.#roll(
        play,
        this.hostsOf(play).filter(this.#isWell),
        work,
        this.#options,
        this.#tallies,
      )
      if (why === undefined) continue
      for (const host of this.#among(plays.slice(index + 1)).filter(this.#isWell))
        this.#tallies.of(host.name).state = 'left-out'
      return
    }
  }

  /**
   * Plays one play, and throws a PlayError when it fails on a host: for playbooks that deal with a failure by try,
   * catch and finally. `on` names the hosts instead of the play's own pattern; those of them that have failed are
   * given another chance (Ansible's rescue). With `always`, hosts that have failed are played on too, and stay failed.
   */
  async play(play: Play, options: { on?: readonly Host[]; always?: boolean } = {}): Promise<void> {
    const { on, always = false } = options
    if (on !== undefined) for (const host of on) this.#readmit(host)
    const hosts = (on ?? this.hostsOf(play)).filter((host) => always || this.#isWell(host))
    const before = new Map(hosts.map((host) => [host, this.#tallies.of(host.name).state]))
    const work = await this.#prepare([play], hosts)
    const ready = hosts.filter((host) => work.has(host.name))
    const why = await this.#roll(play, ready, work, this.#options, this.#tallies)
    const now = (state: Tally['state']) =>
      hosts.filter((host) => before.get(host) === 'ok' && this.#tallies.of(host.name).state === state)
    const [failed, unreachable] = [now('failed'), now('unreachable')]
    if (failed.length + unreachable.length > 0) throw new PlayError(play, failed, unreachable, why)
  }

  /** What plays would do, without a word to anybody: each resource's plan in order. Throws where a host cannot tell. */
  async foresee(plays: readonly Play[]): Promise<readonly PlannedStep[]> {
    const hosts = this.#among(plays)
    const work = await this.#prepare(plays, hosts)
    this.demand('not every host of the plan could be looked at')
    const steps: PlannedStep[] = []
    const { signal } = this.#options
    const record = (step: PlannedStep) => void steps.push(step)
    const course: Course = { check: true, emit: () => undefined, signal, record }
    const sessions = await Promise.all(hosts.map((host) => this.session(host)))
    const owed = sessions.map((session) => [session, [...session.debts]] as const)
    const tallies = new Tallies()
    for (const play of plays) await this.#roll(play, this.hostsOf(play), work, course, tallies)
    for (const [session, debts] of owed) session.owes(debts)
    this.demand('not every host of the plan could be looked at')
    return steps
  }

  /** What plays mean on each host, from its facts alone: nothing is looked at. */
  async outline(plays: readonly Play[]): Promise<Work> {
    const work = new Map<string, ReadonlyMap<Play, HostPlay>>()
    await pool(this.#among(plays), this.#options.forks, (host) =>
      this.#guard(host, async () => {
        work.set(host.name, await this.#planner.planned(plays, host, await this.session(host)))
      }),
    )
    return this.#planner.started(plays, work)
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

  /** Throws when a host has failed so far: for a run that must have every host, but for those that it can do without. */
  demand(why: string, canDoWithout: (tally: Tally) => boolean = () => false): void {
    const bad = this.tallies.filter((tally) => tally.state !== 'ok' && !canDoWithout(tally))
    if (bad.length === 0) return
    const names = bad.map((tally) => `${tally.host} (${tally.state})`).join(', ')
    const unreachable = bad.every((tally) => tally.state === 'unreachable')
    throw new QuaysideError(`${why}: ${names}`, { exitCode: unreachable ? exit.unreachable : exit.failed })
  }

  close(): Promise<void> {
    return this.#sessions.close()
  }

  /** Connects to hosts, computes their plays and looks at all of it at once; hosts that fail are not in the work. */
  async #prepare(plays: readonly Play[], hosts: readonly Host[]): Promise<Work> {
    const { emit, forks } = this.#options
    const work = new Map<string, ReadonlyMap<Play, HostPlay>>()
    await pool(hosts, forks, (host) =>
      this.#guard(host, async () => {
        const session = await this.session(host)
        const planned = await this.#planner.planned(plays, host, session)
        const tasks = [...planned.values()].flatMap((each) => each.tasks)
        const own = tasks.filter((task) => task.manner.delegateTo === undefined)
        const started = performance.now()
        await session.turn(() => session.look(own))
        emit({ type: 'probed', host: host.name, count: own.length, ms: performance.now() - started })
        work.set(host.name, planned)
      }),
    )
    return this.#planner.started(plays, work)
  }

  #roll(
    play: Play,
    hosts: readonly Host[],
    work: Work,
    course: Course,
    tallies: Tallies,
  ): Promise<string | undefined> {
    return roll(play, hosts, {
      course,
      forks: course.confirm === undefined ? this.#options.forks : 1,
      tallies,
      session: (host) => this.session(host),
      sessionOf: (name) => this.#delegate(name),
      work: (host) => work.get(host.name)?.get(play),
      guard: (host, doWork) => this.#guard(host, doWork),
    })
  }

  #delegate(name: string): Promise<Session> {
    const [host] = this.inventory.select(name)
    if (host === undefined)
      throw new QuaysideError(`no host is called ${name}: nothing can be delegated to it`)
    return this.session(host)
  }

  async #guard(host: Host, work: () => Promise<void>): Promise<'ok' | 'failed' | 'left-out'> {
    try {
      await work()
      return 'ok'
    } catch (error) {
      if (error instanceof LeftOut) return 'left-out'
      if (this.#options.signal.aborted) throw error
      if (!(error instanceof QuaysideError)) throw error
      const unreachable = error instanceof ConnectionError
      this.#tallies.of(host.name).state = unreachable ? 'unreachable' : 'failed'
      const at = error instanceof StepError && error.resource !== undefined ? { id: error.resource } : {}
      this.#options.emit({ type: 'host-failed', host: host.name, unreachable, ...at, error })
      return 'failed'
    }
  }

  readonly #isWell = (host: Host): boolean => this.#tallies.of(host.name).state === 'ok'

  /** The hosts that any of the plays means, in the inventory's order, less those that have failed. */
  #among(plays: readonly Play[]): readonly Host[] {
    const meant = new Set(plays.flatMap((play) => this.hostsOf(play)))
    return this.inventory.hosts.filter((host) => meant.has(host) && this.#isWell(host))
  }

  #readmit(host: Host): void {
    const tally = this.#tallies.of(host.name)
    if (tally.state !== 'failed') return
    tally.state = 'ok'
    tally.rescued += 1
  }
}
