import type { Connection, RunOptions } from '../connection/connection.ts'
import type { Host } from '../inventory/inventory.ts'
import type { Probed } from '../resource/resource.ts'
import type { Script } from '../script/index.ts'
import { batch } from './batch.ts'
import { listDebts, readDebts } from './debt.ts'
import { type Facts, factsScript, readFacts } from './facts.ts'
import type { Task } from './task.ts'

/**
 * One host during a run: its connection, its facts, and what was last seen of its resources. What was seen is
 * forgotten when anything on the host changes, so that a plan never rests on a stale look.
 */
export class Session {
  readonly host: Host
  readonly facts: Facts
  readonly connection: Connection
  readonly #seen = new Map<Task, Probed>()
  #earlier: readonly string[] | undefined
  #debts = new Set<string>()

  private constructor(host: Host, facts: Facts, connection: Connection) {
    this.host = host
    this.facts = facts
    this.connection = connection
  }

  static async open(host: Host, connection: Connection): Promise<Session> {
    const { stdout } = await connection.run(factsScript)
    return new Session(host, readFacts(stdout), connection)
  }

  /** Probes tasks in one round trip, and learns of debts the first time. */
  async look(tasks: readonly Task[]): Promise<void> {
    const probes = batch([listDebts, ...tasks.map((task) => task.resource.probe)])
    const [debts, ...seen] = probes.read(await this.connection.run(probes.script))
    if (this.#earlier === undefined) {
      this.#earlier = readDebts(debts?.stdout ?? '')
      for (const debt of this.#earlier) this.#debts.add(debt)
    }
    this.#remember(tasks, seen)
  }

  seen(task: Task): Probed | undefined {
    return this.#seen.get(task)
  }

  /** Makes a change and looks at `next` in the same round trip; `next` is not looked at when the change failed. */
  async change(apply: Script, next: readonly Task[], options: RunOptions = {}): Promise<Probed> {
    this.#seen.clear()
    const steps = batch([apply, ...next.map((task) => task.resource.probe)], { gate: true })
    const [done, ...seen] = steps.read(await this.connection.run(steps.script, options))
    this.#remember(next, seen)
    return done ?? { stdout: '', stderr: 'the script ended before it told how', code: 1 }
  }

  /** Handlers owed now: by this run, or by an earlier one that ended before it paid. */
  get debts(): Set<string> {
    return this.#debts
  }

  get earlierDebts(): readonly string[] {
    return this.#earlier ?? []
  }

  #remember(tasks: readonly Task[], seen: readonly Probed[]): void {
    tasks.forEach((task, index) => {
      const probed = seen[index]
      if (probed !== undefined) this.#seen.set(task, probed)
    })
  }
}
