import { messageOf, QuaysideError } from '../error.ts'
import type { Plan, Probed } from '../resource/resource.ts'
import { StepError } from './error.ts'
import type { Session } from './session.ts'
import type { Task } from './task.ts'

/** The plan of a task from what was last seen of it. Throws a StepError where a person has to decide. */
export function planOf(session: Session, task: Task): Plan {
  const probed = session.seen(task)
  const { id } = task.resource
  if (probed === undefined)
    throw new StepError(session.host.name, `probe ${id}`, { why: 'it printed no end', resource: id })
  try {
    return task.resource.plan(probed)
  } catch (error) {
    const hint = error instanceof QuaysideError ? error.hint : undefined
    throw new StepError(session.host.name, id, {
      why: messageOf(error),
      resource: id,
      stderr: probed.stderr,
      ...(hint === undefined ? {} : { hint }),
    })
  }
}

/** A plan that nothing pending will make known: in a real run, the failure that it stands for. */
export function cannotTell(session: Session, task: Task, reason: string): StepError {
  return new StepError(session.host.name, task.resource.id, { why: reason, resource: task.resource.id })
}

/** What was foreseen of a task where that is not what is planned now; undefined where it came as foreseen. */
export function misprediction(
  session: Session,
  task: Task,
  plan: Plan,
): { predicted: string; actual: string } | undefined {
  const first = session.firstSeen(task)
  if (first === undefined || first === session.seen(task) || plan.kind === 'unknown') return undefined
  const foreseen = foresee(task, first)
  if (foreseen === undefined || foreseen.kind === 'unknown' || same(foreseen, plan)) return undefined
  return { predicted: inWords(foreseen), actual: inWords(plan) }
}

function foresee(task: Task, probed: Probed): Plan | undefined {
  try {
    return task.resource.plan(probed)
  } catch {
    return undefined // a Conflict then, which an earlier change has cleared away
  }
}

function same(a: Plan, b: Plan): boolean {
  if (a.kind !== 'change' || b.kind !== 'change') return a.kind === b.kind
  return a.summary === b.summary && a.diff === b.diff
}

/** A plan in a few words: "unchanged", "change: create". */
export function inWords(plan: Plan): string {
  if (plan.kind === 'change') return `change: ${plan.summary}`
  return plan.kind === 'unknown' ? `unknown: ${plan.reason}` : 'unchanged'
}
