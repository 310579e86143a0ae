import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type Changes, changesOf } from './changes.ts'
import type { Diagnostic } from './events.ts'
import { failure } from './failure.ts'
import { follow, type Watch } from './follow.ts'
import { parsePlan } from './plan-json.ts'
import { rememberSensitive } from './sensitive.ts'
import { asked, type Terraform } from './terraform.ts'

/** What a plan is made of. */
export interface Wanted {
  /** 'drift' looks at what there is, and changes nothing but the state */
  readonly mode: 'apply' | 'destroy' | 'drift'
  /** absolute paths of files of variables, beside those that Terraform reads by itself */
  readonly varFiles: readonly string[]
  /** as Terraform takes it: "0s", "10m" */
  readonly lockTimeout: string
}

/** A plan that was made: what it changes, and the file that holds exactly that. */
export interface Plan {
  /** in a private folder: it has secrets in it as they are */
  readonly file: string
  readonly changes: Changes
  readonly warnings: readonly Diagnostic[]
}

const modes = { apply: [], destroy: ['-destroy'], drift: ['-refresh-only'] } as const

/** Makes a plan, and reads it. Throws a QuaysideError with what Terraform complains of, or who has the state's lock. */
export async function makePlan(terraform: Terraform, wanted: Wanted, watch: Watch): Promise<Plan> {
  const file = join(watch.folder, 'plan')
  const words = ['plan', '-json', '-input=false', '-detailed-exitcode', `-out=${file}`]
  const ended = await follow(terraform, [...words, ...modes[wanted.mode], ...common(wanted)], watch)
  watch.signal.throwIfAborted()
  // 2: there are changes.
  if (ended.status !== 0 && ended.status !== 2) throw failure(terraform, 'plan', ended)
  const plan = parsePlan(await asked(terraform, ['show', '-json', file]))
  rememberSensitive(plan)
  const warnings = ended.diagnostics.filter(({ severity }) => severity === 'warning')
  return { file, changes: changesOf(plan), warnings }
}

/** Variables go with the apply of a plan, too: those that are ephemeral are in no plan. */
export function common({ lockTimeout, varFiles }: Wanted): readonly string[] {
  return [`-lock-timeout=${lockTimeout}`, ...varFiles.map((path) => `-var-file=${path}`)]
}

export function isEmpty({ outputs, things }: Changes): boolean {
  return things.length === 0 && outputs.length === 0
}

/** Twelve digits by which two plans that read the same are known, whoever made them. Sensitive values are not in it. */
export function digestOf({ outputs, things }: Changes): string {
  return createHash('sha256').update(JSON.stringify({ outputs, things })).digest('hex').slice(0, 12)
}
