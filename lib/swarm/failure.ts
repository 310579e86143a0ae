import { QuaysideError } from '../error.ts'
import type { Task } from './service.ts'

/** Why a service did not come to run as it was deployed. */
export interface Failure {
  readonly service: string
  readonly kind: 'rolled back' | 'stuck'
  readonly why: string
  /** the task that says most about it: "api.2" */
  readonly task?: string
  /** the node it was on */
  readonly node?: string
  readonly error?: string
  /** the last lines it wrote */
  readonly log: readonly string[]
}

/** A stack that is not what was deployed: exit code 1, whatever the swarm has done about it. */
export class StackFailed extends QuaysideError {
  readonly failures: readonly Failure[]
  /** the release that serves again; undefined where there was none, or it could not be had back */
  readonly serving: string | undefined

  constructor(release: string, failures: readonly Failure[], outcome: { serving?: string; hint: string }) {
    super([`${release} is not deployed`, ...failures.map(told)].join('\n'), { hint: outcome.hint })
    this.failures = failures
    this.serving = outcome.serving
  }
}

function told({ service, kind, why, task, node, error, log }: Failure): string {
  const where =
    task === undefined ? '' : `\n      ${task}${node === undefined ? '' : ` on ${node}`}: ${error ?? ''}`
  return [`  ${service}: ${kind}: ${why}${where}`, ...log.map((line) => `        ${line}`)].join('\n')
}

/** The task that says most: the last that failed, else the last that was never placed. */
export function tellingTask(tasks: readonly Task[], since: number): Task | undefined {
  const recent = tasks
    .filter((task) => task.created >= since - 1)
    .toSorted((one, two) => one.since - two.since)
  const bad = recent.filter(({ state }) => state === 'failed' || state === 'rejected')
  return bad.at(-1) ?? recent.findLast(({ error }) => error !== '')
}
