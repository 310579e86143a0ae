import { createHash } from 'node:crypto'
import type { Change, Plan, Probed } from '../resource/resource.ts'
import { redact } from '../secret/index.ts'
import { StepError } from './error.ts'
import { inWords } from './plan-of.ts'
import type { Task } from './task.ts'

/**
 * What is to become of one resource on one host. Known by `digest`: of its words, its diff and what it would run. It
 * goes into a file, so secrets are redacted: a host may show one, in a line that someone has written by hand.
 */
export interface PlannedStep {
  readonly host: string
  readonly role: string
  readonly id: string
  readonly kind: Plan['kind']
  readonly summary?: string
  readonly diff?: string
  /** SHA-256 in hex; secrets enter it by their slow fingerprints alone */
  readonly digest: string
  /**
   * of a change: SHA-256 in hex of what the probe printed. What is to be overwritten may have drifted though the change
   * reads the same: a file whose diff is secret.
   */
  readonly seen?: string
}

export function plannedStep(host: string, task: Task, plan: Plan, probed?: Probed): PlannedStep {
  const { role, resource } = task
  const id = redact(resource.id)
  const shown = plan.kind === 'change' ? [redact(plan.summary), redact(plan.diff ?? '')] : []
  const acts = plan.kind === 'change' ? scriptsOf(plan) : []
  const digest = sha256(JSON.stringify([id, plan.kind, ...shown, ...acts]))
  const base = { host, role, id, kind: plan.kind, digest }
  if (plan.kind === 'unchanged') return base
  if (plan.kind === 'unknown') return { ...base, summary: redact(plan.reason) }
  const [summary = '', diff = ''] = shown
  return {
    ...base,
    summary,
    ...(plan.diff === undefined ? {} : { diff }),
    // A quick hash of what holds a secret would be a way to guess it.
    ...(probed === undefined ? {} : { seen: sha256(redact(probed.stdout)) }),
  }
}

function scriptsOf({ apply, confirm }: Change): readonly string[] {
  return [apply, ...(confirm === undefined ? [] : [confirm.script])].map((script) => script.fingerprint())
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** A plan that a person has seen, and that a run is to apply exactly. It is gone through once, host by host in order. */
export class SavedPlan {
  readonly #steps = new Map<string, PlannedStep[]>()

  constructor(steps: readonly PlannedStep[]) {
    for (const step of steps) {
      const key = keyOf(step.host, step.role, step.id)
      this.#steps.set(key, [...(this.#steps.get(key) ?? []), step])
    }
  }

  /** The next step of this name on the host; a resource may come in several plays. */
  take(host: string, role: string, id: string): PlannedStep | undefined {
    return this.#steps.get(keyOf(host, role, id))?.shift()
  }
}

/**
 * Throws a StepError for what the saved plan does not hold. What it could not tell may become anything, and what an
 * earlier change has done already need not be done again.
 */
export function expectPlanned(saved: SavedPlan, host: string, task: Task, plan: Plan): void {
  const step = saved.take(host, task.role, redact(task.resource.id))
  if (step?.kind === 'unknown' || plan.kind === 'unchanged') return
  if (step !== undefined && plan.kind === 'change' && plannedStep(host, task, plan).digest === step.digest)
    return
  throw new StepError(host, task.resource.id, {
    why: `this is not what was planned: ${step === undefined ? 'nothing' : stepInWords(step)}, now ${inWords(plan)}`,
    resource: task.resource.id,
    hint: 'it was not applied; make a new plan with --plan-out',
  })
}

/** What differs between a saved plan and one made now, a line each; empty when nothing has drifted. */
export function driftOf(saved: readonly PlannedStep[], now: readonly PlannedStep[]): readonly string[] {
  const left = new SavedPlan(now)
  const gone = saved.flatMap((step) => {
    const other = left.take(step.host, step.role, step.id)
    const name = `${step.host}: ${step.id}`
    if (other === undefined) return [`${name}: planned ${stepInWords(step)}, now it is not there`]
    if (other.digest === step.digest && other.seen === step.seen) return []
    const [was, is] = [stepInWords(step), stepInWords(other)]
    const otherwise = other.digest === step.digest ? ', over something else' : ' in another way'
    return [`${name}: planned ${was}, now ${is}${was === is ? otherwise : ''}`]
  })
  const known = new SavedPlan(saved)
  const added = now.flatMap((step) =>
    known.take(step.host, step.role, step.id) === undefined
      ? [`${step.host}: ${step.id}: was not planned, now ${stepInWords(step)}`]
      : [],
  )
  return [...gone, ...added]
}

function stepInWords({ kind, summary }: PlannedStep): string {
  return kind === 'unchanged' || summary === undefined ? kind : `${kind}: ${summary}`
}

function keyOf(host: string, role: string, id: string): string {
  return JSON.stringify([host, role, id])
}
