import { createHash } from 'node:crypto'
import { accessSync, constants } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { PlannedStep } from '../engine/saved-plan.ts'
import { messageOf, QuaysideError, UsageError } from '../error.ts'
import type { Flags } from './flags.ts'
import type { SelectionWords } from './selection.ts'

export const planFlags = {
  'plan-out': { about: 'like --check, and save the plan for --plan', value: 'FILE' },
  plan: { about: 'apply exactly a saved plan; refused where a host has drifted since', value: 'FILE' },
} as const satisfies Flags

const format = 'quayside-plan-1'

/** What a plan file holds: the steps, and the words that say what they are a plan of. */
export interface PlanFile {
  readonly format: string
  readonly playbook: string
  readonly env: string
  /** ISO 8601 */
  readonly made: string
  readonly selection: SelectionWords
  readonly extraVars: readonly string[]
  readonly steps: readonly PlannedStep[]
}

/** Throws a UsageError where no plan could be written, before any work is done for it. */
export function checkWritable(path: string): void {
  try {
    accessSync(dirname(path) || '.', constants.W_OK)
  } catch (error) {
    throw new UsageError(`--plan-out: nothing can be written beside ${path}: ${messageOf(error)}`)
  }
}

/** Writes a plan that only its owner can read: it holds no secret, but the hosts' configuration. */
export async function writePlan(path: string, plan: Omit<PlanFile, 'format'>): Promise<void> {
  const whole: PlanFile = { format, ...plan }
  const text = `${JSON.stringify({ ...whole, hash: hashOf(whole) }, null, 2)}\n`
  await writeFile(`${path}.new`, text, { mode: 0o600 })
  await rename(`${path}.new`, path)
}

/** Reads a plan; a UsageError for a file that is none, was edited, or is of another playbook or environment. */
export async function readPlan(path: string, wanted: { playbook: string; env: string }): Promise<PlanFile> {
  const { hash, ...plan } = await parse(path)
  if (plan.format !== format)
    throw new UsageError(`${path} is no plan of this version`, 'make a new one with --plan-out')
  if (hash !== hashOf(plan))
    throw new UsageError(`${path} was changed after it was made`, 'make a new one with --plan-out')
  for (const key of ['playbook', 'env'] as const) {
    if (plan[key] !== wanted[key])
      throw new UsageError(`${path} is a plan of ${key} ${plan[key]}, not of ${wanted[key]}`)
  }
  return plan
}

/** Its hash vouches for its shape: no other program writes one. */
async function parse(path: string): Promise<PlanFile & { hash: string }> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw new UsageError(`--plan: ${path} cannot be read: ${messageOf(error)}`)
  }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as PlanFile & { hash: string }
  } catch {
    // told below
  }
  throw new UsageError(`--plan: ${path} is no plan`, 'make one with --plan-out')
}

/** The error that refuses a plan: what has drifted, a line each. */
export function drifted(path: string, drift: readonly string[]): QuaysideError {
  const shown = drift.slice(0, 20).map((line) => `    ${line}`)
  const more = drift.length > shown.length ? [`    … and ${drift.length - shown.length} more`] : []
  return new QuaysideError(
    [
      `${path} no longer fits: ${drift.length} drifted since it was made; nothing was changed`,
      ...shown,
      ...more,
    ].join('\n'),
    { hint: 'make a new plan with --plan-out, and look at it' },
  )
}

function hashOf(plan: PlanFile): string {
  const { format, playbook, env, made, selection, extraVars, steps } = plan
  const text = JSON.stringify([format, playbook, env, made, selection, extraVars, steps])
  return createHash('sha256').update(text).digest('hex')
}
