import type { Change, Plan } from '../resource/resource.ts'
import { apply } from './apply.ts'
import { LeftOut, type PlayCourse } from './course.ts'
import type { Outcome, Tally } from './event.ts'
import { runHandlers } from './handlers.ts'
import { cannotTell, misprediction, planOf } from './plan-of.ts'
import { expectPlanned, plannedStep } from './saved-plan.ts'
import type { Session } from './session.ts'
import type { HostPlay, Task } from './task.ts'

/** How many resources are probed again with each change: the next ones, that it may have altered. */
const afterChange = 8
/** How many are probed at once where nothing was changed since. */
const afterNothing = 32

/** Brings one host to what a play says, or with `check` only tells. Throws a StepError at the first failure. */
export async function convergeHost(
  session: Session,
  play: HostPlay,
  tally: Tally,
  course: PlayCourse,
): Promise<void> {
  const host = session.host.name
  const steps = new HostSteps(session, play.tasks, tally, course)
  for (const [index, task] of play.tasks.entries()) {
    course.signal.throwIfAborted()
    const why = course.stopped()
    if (why !== undefined) throw new LeftOut(why)
    const { id } = task.resource
    const { runOnce, throttle } = task.manner
    const work = () => steps.take(task, index)
    const held = throttle === undefined ? work : () => course.throttle.pass(id, throttle, work)
    if (runOnce !== true) await held()
    else {
      const by = await course.once.share(id, host, held)
      if (by !== host) steps.tell(task, 'skipped', { summary: `done once, on ${by}` }, 0)
    }
  }
  await runHandlers(session, play.handlers, tally, course)
}

/** The steps of one host through one play. */
class HostSteps {
  readonly #session: Session
  readonly #tasks: readonly Task[]
  readonly #tally: Tally
  readonly #course: PlayCourse
  #confirmed = false

  constructor(session: Session, tasks: readonly Task[], tally: Tally, course: PlayCourse) {
    this.#session = session
    this.#tasks = tasks
    this.#tally = tally
    this.#course = course
  }

  /** Looks, plans, and does what is to be done, with the host that it is done on to itself. */
  async take(task: Task, index: number): Promise<void> {
    const { delegateTo } = task.manner
    const on = delegateTo === undefined ? this.#session : await this.#course.sessionOf(delegateTo)
    await on.turn(async () => {
      if (on.seen(task) === undefined) await on.look(this.#from(index, on, afterNothing))
      await this.#act(on, task, planOf(on, task), index)
    })
  }

  async #act(on: Session, task: Task, plan: Plan, index: number): Promise<void> {
    const { check, plan: saved, record } = this.#course
    const host = this.#session.host.name
    this.#compare(on, task, plan)
    record?.(plannedStep(host, task, plan, on.seen(task)))
    if (saved !== undefined) expectPlanned(saved, host, task, plan)
    if (plan.kind === 'unchanged') return this.tell(task, 'unchanged', {}, 0)
    if (check) return this.#foretell(task, plan)
    if (plan.kind === 'unknown') throw cannotTell(this.#session, task, plan.reason)
    if (plan.lacks !== undefined) throw cannotTell(this.#session, task, plan.lacks)
    if (!(await this.#isConfirmed(task, plan))) {
      return this.tell(task, 'skipped', { summary: `not wanted: ${plan.summary}` }, 0)
    }
    const { emit } = this.#course
    const { role, resource } = task
    emit({ type: 'applying', host, role, id: resource.id, summary: plan.summary })
    const started = performance.now()
    const next = this.#from(index, on, afterChange)
    await apply({ own: this.#session, on, task, change: plan, next }, this.#course)
    this.tell(task, 'changed', plan, performance.now() - started)
  }

  #foretell(task: Task, plan: Exclude<Plan, { kind: 'unchanged' }>): void {
    // What a plan waits for must be pending already on this host, in this play or an earlier one.
    const why = plan.kind === 'unknown' ? plan.reason : plan.lacks
    if (why !== undefined && this.#tally.pending === 0) throw cannotTell(this.#session, task, why)
    if (plan.kind === 'change') {
      for (const debt of task.debts) this.#session.debts.add(debt)
      this.tell(task, 'pending', plan, 0)
      return
    }
    this.tell(task, 'unknown', { summary: plan.reason }, 0)
  }

  async #isConfirmed(task: Task, change: Change): Promise<boolean> {
    const { confirm } = this.#course
    if (confirm === undefined || this.#confirmed) return true
    const answer = await confirm(this.#session.host.name, task.resource.id, change)
    this.#confirmed = answer === 'all'
    return answer !== 'no'
  }

  #compare(on: Session, task: Task, plan: Plan): void {
    const differs = misprediction(on, task, plan)
    if (differs === undefined) return
    this.#course.emit({
      type: 'mispredicted',
      host: this.#session.host.name,
      id: task.resource.id,
      ...differs,
    })
  }

  /** The tasks from this one on that are done on the same host, up to so many. */
  #from(index: number, on: Session, most: number): readonly Task[] {
    if (on !== this.#session) return this.#tasks.slice(index, index + 1)
    const rest = this.#tasks.slice(index, index + most)
    return rest.filter((task) => task.manner.delegateTo === undefined)
  }

  tell(task: Task, outcome: Outcome, plan: { summary?: string; diff?: string }, ms: number): void {
    const { summary, diff } = plan
    const { delegateTo } = task.manner
    this.#count(outcome)
    this.#course.emit({
      type: 'resource',
      host: this.#session.host.name,
      role: task.role,
      id: task.resource.id,
      outcome,
      ...(summary === undefined ? {} : { summary }),
      ...(diff === undefined ? {} : { diff }),
      ...(delegateTo === undefined ? {} : { delegate: delegateTo }),
      ms,
    })
  }

  #count(outcome: Outcome): void {
    if (outcome === 'unchanged' || outcome === 'changed' || outcome === 'skipped') this.#tally[outcome] += 1
    else if (outcome === 'pending' || outcome === 'unknown') this.#tally.pending += 1
  }
}
