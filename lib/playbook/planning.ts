import type { Fleet } from '../engine/fleet.ts'
import type { Play } from '../engine/play.ts'
import { driftOf, type PlannedStep } from '../engine/saved-plan.ts'
import { UsageError } from '../error.ts'
import type { Args } from './flags.ts'
import { checkWritable, drifted, type PlanFile, readPlan, writePlan } from './plan-file.ts'
import { type SelectionWords, selectionFlags, selectionWords } from './selection.ts'

/** What is to be played, and whether a plan of it is to be kept or a kept one applied. */
export interface Planning {
  readonly playbook: string
  readonly env: string
  readonly selection: SelectionWords
  readonly extraVars: readonly string[]
  /** where --plan-out wants the plan */
  readonly out?: string
  /** the plan that --plan names */
  readonly saved?: { readonly path: string; readonly plan: PlanFile }
}

/** Reads the words about selecting and planning. A saved plan brings its own selection: no flag may say another. */
export async function planningOf(
  args: Args,
  plays: readonly Play[],
  of: { readonly playbook: string; readonly env: string },
): Promise<Planning> {
  const [out, path] = [args.text('plan-out'), args.text('plan')]
  const selection = selectionWords(args, plays)
  const extraVars = args.texts('extra-vars')
  if (path === undefined) {
    if (out === undefined) return { ...of, selection, extraVars }
    checkWritable(out)
    return { ...of, selection, extraVars, out }
  }
  const others = [...Object.keys(selectionFlags), 'plan-out', 'check', 'extra-vars']
  const clash = others.find((flag) => args.has(flag))
  if (clash !== undefined)
    throw new UsageError(`--plan and --${clash} exclude each other: a plan is applied as it was made`)
  const plan = await readPlan(path, of)
  return { ...of, selection: plan.selection, extraVars: plan.extraVars, saved: { path, plan } }
}

/** Throws, with all that differs, unless the hosts are still as they were when the plan was made. Changes nothing. */
export async function demandNoDrift(planning: Planning, plays: readonly Play[], fleet: Fleet): Promise<void> {
  const { saved } = planning
  if (saved === undefined) return
  const drift = driftOf(saved.plan.steps, await fleet.foresee(plays))
  if (drift.length > 0) throw drifted(saved.path, drift)
}

/** Writes the plan that a check run made; not where a host failed, since half a plan is none. */
export async function keepPlan(
  planning: Planning,
  fleet: Fleet,
  steps: readonly PlannedStep[],
): Promise<string | undefined> {
  const { out, playbook, env, selection, extraVars } = planning
  if (out === undefined) return undefined
  fleet.demand('no plan was written, since not every host could be planned')
  await writePlan(out, { playbook, env, made: new Date().toISOString(), selection, extraVars, steps })
  return out
}
