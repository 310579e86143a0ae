import { setTimeout as sleep } from 'node:timers/promises'
import type { ConnectionError } from '../connection/error.ts'
import { messageOf } from '../error.ts'
import type { Change, Plan, Probed } from '../resource/resource.ts'
import { lines, raw, type Script } from '../script/index.ts'
import { confirm } from './confirm.ts'
import type { PlayCourse } from './course.ts'
import { owe, oweWhenCalled } from './debt.ts'
import { StepError } from './error.ts'
import { runJob } from './job.ts'
import { inWords, planOf } from './plan-of.ts'
import type { Session } from './session.ts'
import type { Task } from './task.ts'

/** A change that is to be made, and where. */
export interface Due {
  /** the host whose play it is: its handlers owe */
  readonly own: Session
  /** the host that it is made on: the same, unless delegated */
  readonly on: Session
  readonly task: Task
  readonly change: Change
  /** what is looked at again in the same round trip */
  readonly next: readonly Task[]
}

/**
 * Makes a change and sees that it took. As often as the task's retries say, a change that failed or did not take is
 * looked at again, and what is then still to do is tried once more. Throws the last failure.
 */
export async function apply(due: Due, course: PlayCourse): Promise<void> {
  const { own, on, task } = due
  const { times, delaySeconds } = task.manner.retry ?? { times: 1, delaySeconds: 0 }
  let { change } = due
  await recordDelegatedDebts(due)
  for (let attempt = 1; ; attempt += 1) {
    const failure = await attemptOnce({ ...due, change }, course)
    if (failure === undefined) break
    if (attempt >= times || own.host.name !== failure.host) throw failure
    const why = messageOf(failure).split('\n')[0] ?? ''
    course.emit({ type: 'retrying', host: own.host.name, id: task.resource.id, attempt, of: times, why })
    await sleep(delaySeconds * 1000, undefined, { signal: course.signal })
    await on.look([task])
    const plan = planOf(on, task)
    if (plan.kind === 'unchanged') break
    if (plan.kind === 'change') change = plan
  }
  for (const debt of task.debts) own.debts.add(debt)
}

async function attemptOnce(due: Due, course: PlayCourse): Promise<StepError | undefined> {
  const { own, on, task, change } = due
  const { id } = task.resource
  const host = own.host.name
  let done: Probed
  try {
    done = await run(due, course)
  } catch (error) {
    if (!on.canResume(error)) throw error
    if (change.confirm === undefined) return afterLoss(due, error)
    done = { stdout: '', stderr: '', code: 0 } // a new connection tells how it ended
  }
  // What is received is a file's content: it may be private, and is for its place on this machine alone.
  const stdout = change.receive === undefined ? done.stdout : ''
  if (stdout !== '' || done.stderr !== '')
    course.emit({ type: 'output', host, id, stdout, stderr: done.stderr })
  if (done.code !== 0) return new StepError(host, `${id}: ${change.summary}`, { ...done, resource: id })
  const refused = change.confirm === undefined ? undefined : await confirm(due, change.confirm)
  if (refused !== undefined) return refused
  await change.receive?.(done.stdout)
  if (change.unverifiable === true) return undefined
  if (on.seen(task) === undefined || task.resource.here !== undefined) await on.look([task])
  const after = planOf(on, task)
  return after.kind === 'unchanged' ? undefined : notTaken(host, id, change, after)
}

function run(due: Due, course: PlayCourse): Promise<Probed> {
  const { own, on, task, change, next } = due
  const timeoutSeconds = task.manner.timeoutSeconds ?? change.timeoutSeconds
  const title = task.resource.id
  const options = timeoutSeconds === undefined ? { title } : { title, timeoutSeconds }
  const debts = own === on ? task.debts : []
  const owing = change.owesItself ? oweWhenCalled(debts) : owe(debts)
  const script: Script = lines(owing, raw('set -e'), change.apply)
  if (change.restartSeconds !== undefined) return on.restart(script, change.restartSeconds, options)
  const { pollSeconds } = task.manner
  // What is seen before the change is confirmed is no ground for anything.
  if (pollSeconds === undefined) return on.change(script, change.confirm === undefined ? next : [], options)
  const { signal } = course
  return runJob(on, task.resource.id, script, {
    pollSeconds,
    timeoutSeconds: timeoutSeconds ?? 86_400,
    signal,
  })
}

/** The handlers of a delegated change are owed by the host whose play it is: noted there before the change is made. */
async function recordDelegatedDebts({ own, on, task }: Due): Promise<void> {
  if (own === on || task.debts.length === 0) return
  const noted = await own.ask(owe(task.debts))
  if (noted.code !== 0)
    throw new StepError(own.host.name, `note what ${task.resource.id} owes`, {
      ...noted,
      resource: task.resource.id,
    })
}

/**
 * The connection went away during the change, and nobody told how it ended. Its effect is looked for over a new
 * connection: when it is there, all is well; when not, that is reported, and nothing is done twice.
 */
async function afterLoss(due: Due, lost: ConnectionError): Promise<StepError | undefined> {
  const { own, on, task, change } = due
  const { id } = task.resource
  const hint = 'the next run looks at what is there and goes on from it'
  if (change.unverifiable === true) {
    const why = `${lost.message}; nothing tells whether it was done`
    return new StepError(own.host.name, `${id}: ${change.summary}`, { why, hint, resource: id })
  }
  await on.look([task])
  const after = planOf(on, task)
  if (after.kind === 'unchanged') return undefined
  const why = `${lost.message}; looked at again it is not done: ${inWords(after)}`
  return new StepError(own.host.name, `${id}: ${change.summary}`, { why, hint, resource: id })
}

function notTaken(host: string, id: string, change: Change, after: Plan): StepError {
  const still = after.kind === 'change' ? after.summary : inWords(after)
  return new StepError(host, id, {
    resource: id,
    why: `it was changed (${change.summary}), and still is not as it should be: ${still}`,
  })
}
