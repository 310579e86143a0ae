import { messageOf, QuaysideError } from '../error.ts'
import type { Change, Plan } from '../resource/resource.ts'
import { lines, raw, type Script } from '../script/index.ts'
import { owe, pay } from './debt.ts'
import { StepError } from './error.ts'
import type { Emit, Tally } from './event.ts'
import type { Session } from './session.ts'
import type { HostPlay, Task } from './task.ts'

/** How a play is converged on a host. */
export interface Manner {
  readonly check: boolean
  readonly emit: Emit
  /** aborted when the run is to stop: what runs on a host is let finish, nothing new is begun */
  readonly signal: AbortSignal
}

/** How many resources are probed again with each change: the next ones, that it may have altered. */
const window = 8

/** Brings one host to what a play says, or with `check` only tells. Throws a StepError at the first failure. */
export async function convergeHost(
  session: Session,
  play: HostPlay,
  tally: Tally,
  manner: Manner,
): Promise<void> {
  const { tasks } = play
  for (const [index, task] of tasks.entries()) {
    manner.signal.throwIfAborted()
    if (session.seen(task) === undefined) await session.look(tasks.slice(index, index + window))
    const plan = planOf(session, task)
    if (plan.kind === 'unchanged') {
      tally.unchanged += 1
      report(manner, session, task, 'unchanged', {}, 0)
    } else if (manner.check) {
      // Something of this host must be pending already, in this play or an earlier one, for it to hang on.
      if (plan.kind === 'unknown' && tally.pending === 0) throw cannotTell(session, task, plan.reason)
      tally.pending += 1
      if (plan.kind === 'change') for (const debt of task.debts) session.debts.add(debt)
      const outcome = plan.kind === 'change' ? 'pending' : 'unknown'
      report(manner, session, task, outcome, plan.kind === 'change' ? plan : { summary: plan.reason }, 0)
    } else {
      if (plan.kind === 'unknown') throw cannotTell(session, task, plan.reason)
      await apply(session, task, plan, tasks.slice(index, index + window), manner)
      tally.changed += 1
    }
  }
  await runHandlers(session, play.handlers, tally, manner)
}

async function apply(session: Session, task: Task, change: Change, next: readonly Task[], manner: Manner) {
  const { id } = task.resource
  manner.emit({ type: 'applying', host: session.host.name, role: task.role, id, summary: change.summary })
  const started = performance.now()
  const script = lines(owe(task.debts), raw('set -e'), change.apply)
  const done = await session.change(script, next, {
    ...(change.timeoutSeconds === undefined ? {} : { timeoutSeconds: change.timeoutSeconds }),
  })
  if (done.code !== 0) throw new StepError(session.host.name, `${id}: ${change.summary}`, done)
  for (const debt of task.debts) session.debts.add(debt)
  report(manner, session, task, 'changed', change, performance.now() - started)
  if (change.unverifiable === true) return
  const after = planOf(session, task)
  if (after.kind !== 'unchanged') {
    const still = after.kind === 'change' ? after.summary : after.reason
    throw new StepError(session.host.name, id, {
      why: `it was changed (${change.summary}), and still is not as it should be: ${still}`,
    })
  }
}

async function runHandlers(
  session: Session,
  handlers: ReadonlyMap<string, Script>,
  tally: Tally,
  manner: Manner,
): Promise<void> {
  const earlier = new Set(session.earlierDebts)
  for (const [debt, script] of handlers) {
    if (!session.debts.has(debt)) continue
    manner.signal.throwIfAborted()
    const event = { type: 'handler', host: session.host.name, id: debt, debt: earlier.has(debt) } as const
    if (manner.check) {
      tally.pending += 1
      manner.emit({ ...event, outcome: 'pending', ms: 0 })
      continue
    }
    const started = performance.now()
    const done = await session.change(lines(raw('set -e'), script, pay(debt)), [])
    if (done.code !== 0) throw new StepError(session.host.name, `handler ${debt}`, done)
    session.debts.delete(debt)
    tally.handlers += 1
    manner.emit({ ...event, outcome: 'changed', ms: performance.now() - started })
  }
}

function planOf(session: Session, task: Task): Plan {
  const probed = session.seen(task)
  const { id } = task.resource
  if (probed === undefined)
    throw new StepError(session.host.name, `probe ${id}`, { why: 'it printed no end' })
  try {
    return task.resource.plan(probed)
  } catch (error) {
    const hint = error instanceof QuaysideError ? error.hint : undefined
    throw new StepError(session.host.name, id, {
      why: messageOf(error),
      stderr: probed.stderr,
      ...(hint === undefined ? {} : { hint }),
    })
  }
}

function cannotTell(session: Session, task: Task, reason: string): StepError {
  return new StepError(session.host.name, task.resource.id, { why: reason })
}

function report(
  manner: Manner,
  session: Session,
  task: Task,
  outcome: 'changed' | 'unchanged' | 'pending' | 'unknown',
  plan: { summary?: string; diff?: string },
  ms: number,
): void {
  manner.emit({
    type: 'resource',
    host: session.host.name,
    role: task.role,
    id: task.resource.id,
    outcome,
    ...(plan.summary === undefined ? {} : { summary: plan.summary }),
    ...(plan.diff === undefined ? {} : { diff: plan.diff }),
    ms,
  })
}
