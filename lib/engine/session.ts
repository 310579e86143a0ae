import type { Connection, Result, RunOptions } from '../connection/connection.ts'
import { ConnectionError } from '../connection/error.ts'
import type { Host } from '../inventory/inventory.ts'
import type { Probed } from '../resource/resource.ts'
import type { Script } from '../script/index.ts'
import { batch } from './batch.ts'
import { awaitRestart, bootScript } from './boot.ts'
import { listDebts, readDebts } from './debt.ts'
import { type Facts, factsScript, readFacts } from './facts.ts'
import type { Task } from './task.ts'

/** A look older than this is no ground for a plan: others may have been at work on the host. */
const freshMs = 60_000

/** What a session needs of the run that it belongs to. */
export interface SessionOptions {
  readonly connect: () => Promise<Connection>
  readonly signal: AbortSignal
  /** told when a lost connection was opened again */
  readonly resumed?: (why: ConnectionError) => void
}

/**
 * One host during a run: its connection, its facts, and what was last seen of its resources. What was seen is
 * forgotten when anything on the host changes, so that a plan never rests on a stale look.
 */
export class Session {
  readonly host: Host
  readonly facts: Facts
  readonly #options: SessionOptions
  readonly #seen = new Map<Task, { readonly probed: Probed; readonly at: number }>()
  readonly #first = new Map<Task, Probed>()
  #connection: Connection
  #earlier: readonly string[] | undefined
  #debts = new Set<string>()
  #pinned = false
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(host: Host, facts: Facts, connection: Connection, options: SessionOptions) {
    this.host = host
    this.facts = facts
    this.#connection = connection
    this.#options = options
  }

  static async open(host: Host, options: SessionOptions): Promise<Session> {
    const connection = await options.connect()
    const { stdout } = await connection.run(factsScript, { title: 'the look at its facts' })
    return new Session(host, readFacts(stdout), connection, options)
  }

  get connection(): Connection {
    return this.#connection
  }

  /** From now on a lost connection is an error, never opened again: something on the host lives as long as it does. */
  pin(): void {
    this.#pinned = true
  }

  /** Work that must not interleave with another task's on this host: look, plan and change are one. */
  turn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => {})
    return turn
  }

  /** Runs a script that changes nothing; over a new connection when this one is lost meanwhile. */
  async ask(script: Script, options: RunOptions = {}): Promise<Result> {
    try {
      return await this.#connection.run(script, options)
    } catch (error) {
      if (!this.canResume(error)) throw error
      await this.#reconnect(error)
      return await this.#connection.run(script, options)
    }
  }

  /** Whether the connection may be opened again after this: it was lost, and nothing hangs on it. */
  canResume(error: unknown): error is ConnectionError {
    return error instanceof ConnectionError && error.reason === 'lost' && !this.#pinned
  }

  /** Probes tasks in one round trip, and learns of debts the first time. */
  async look(tasks: readonly Task[]): Promise<void> {
    const probes = batch([listDebts, ...tasks.map((task) => task.resource.probe)])
    const [debts, ...seen] = probes.read(
      await this.ask(probes.script, { title: 'the look at its resources' }),
    )
    if (this.#earlier === undefined) {
      this.#earlier = readDebts(debts?.stdout ?? '')
      for (const debt of this.#earlier) this.#debts.add(debt)
    }
    await this.#remember(tasks, seen)
  }

  /** What was last seen of a task; undefined when it must be looked at first. */
  seen(task: Task): Probed | undefined {
    const seen = this.#seen.get(task)
    return seen === undefined || performance.now() - seen.at > freshMs ? undefined : seen.probed
  }

  /** What was seen of a task before this run changed anything on the host. */
  firstSeen(task: Task): Probed | undefined {
    return this.#first.get(task)
  }

  /** Makes a change and looks at `next` in the same round trip; `next` is not looked at when the change failed. */
  async change(apply: Script, next: readonly Task[], options: RunOptions = {}): Promise<Probed> {
    this.forget()
    const steps = batch([apply, ...next.map((task) => task.resource.probe)], { gate: true })
    const [done, ...seen] = steps.read(await this.#connection.run(steps.script, options))
    await this.#remember(next, seen)
    return done ?? { stdout: '', stderr: 'the script ended before it told how', code: 1 }
  }

  /** Runs a script over a connection of its own, which is opened for it and closed after it. */
  async anew(script: Script, options: RunOptions = {}): Promise<Result> {
    this.forget()
    const connection = await this.#options.connect()
    try {
      return await connection.run(script, options)
    } finally {
      await connection.close().catch(() => {})
    }
  }

  /** Makes a change that takes the host down, and waits so many seconds at most until it is up again. */
  async restart(apply: Script, seconds: number, options: RunOptions = {}): Promise<Probed> {
    this.forget()
    const { connect, signal } = this.#options
    const { stdout: before } = await this.#connection.run(bootScript)
    const done = await this.#connection.run(apply, options).catch((error: unknown) => {
      if (!this.canResume(error)) throw error
      return { stdout: '', stderr: '', code: 0 } // it went down before it could say so
    })
    if (done.code !== 0) return done
    await this.#connection.close()
    this.#connection = await awaitRestart(this.host.name, before, seconds, connect, signal)
    return done
  }

  /** Everything that was seen is to be looked at again. */
  forget(): void {
    this.#seen.clear()
  }

  /** Handlers owed now: by this run, or by an earlier one that ended before it paid. */
  get debts(): Set<string> {
    return this.#debts
  }

  /** Sets what is owed back to what it was: after a look ahead. */
  owes(debts: readonly string[]): void {
    this.#debts = new Set(debts)
  }

  get earlierDebts(): readonly string[] {
    return this.#earlier ?? []
  }

  async #reconnect(why: ConnectionError): Promise<void> {
    this.forget()
    await this.#connection.close().catch(() => {})
    this.#connection = await this.#options.connect()
    this.#options.resumed?.(why)
  }

  async #remember(tasks: readonly Task[], seen: readonly Probed[]): Promise<void> {
    const at = performance.now()
    for (const [index, task] of tasks.entries()) {
      const found = seen[index]
      if (found === undefined) continue
      const { here } = task.resource
      const probed = here === undefined ? found : { ...found, here: await here() }
      this.#seen.set(task, { probed, at })
      if (!this.#first.has(task)) this.#first.set(task, probed)
    }
  }
}
