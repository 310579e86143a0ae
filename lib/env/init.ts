import { chmod, mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { shownPath } from '../inventory/fault.ts'
import { readDotenv } from './dotenv.ts'
import type { Finding } from './finding.ts'
import { generate } from './generate.ts'
import { planInit, type Step } from './init-plan.ts'
import { envPath, look } from './look.ts'
import type { Stage, Where } from './stage.ts'
import { replace, writeSecret } from './write.ts'

/** How an init is done: where, told to whom, and with `dryRun` only told. */
export interface InitOptions extends Where {
  readonly log: (line: string) => void
  readonly dryRun?: boolean
  /** the variables of the shell that Docker Compose would run in */
  readonly env?: NodeJS.ProcessEnv
}

export interface Initialised {
  /** how much was done; 0 when all was there */
  readonly changes: number
  /** what was left alone, since something would be lost */
  readonly conflicts: readonly Finding[]
}

/**
 * Makes what a stage lacks: its env file, its secrets; moves secrets that stand in the env file into their files.
 * What is there stays, each step is whole or not done at all, and a run that was stopped is gone on with by the next.
 */
export async function initStage(stage: Stage, options: InitOptions): Promise<Initialised> {
  const { directory, log, dryRun = false, env = process.env } = options
  const observed = await look(stage, { directory })
  const file = shownPath(envPath(stage, { directory }))
  const read = readDotenv(file, observed.env?.text ?? '', (name) => env[name])
  const { steps, conflicts } = planInit(stage, { directory }, observed, read)
  for (const step of steps) {
    if (!dryRun) await carryOut(step)
    for (const line of said(step, dryRun)) log(line)
  }
  return { changes: steps.length, conflicts }
}

/** Does one step, whole or not at all. */
export async function carryOut(step: Step): Promise<void> {
  switch (step.kind) {
    case 'folder':
      await mkdir(dirname(step.path), { recursive: true, mode: 0o700 })
      await mkdir(step.path, { recursive: true, mode: 0o700 })
      return chmod(step.path, 0o700)
    case 'generate':
      return writeSecret(step.path, generate(step.made.generate))
    case 'empty':
      return writeSecret(step.path, '')
    case 'move':
      return writeSecret(step.path, step.secret.reveal().text)
    case 'open':
      return chmod(step.path, 0o444)
    case 'env':
      await mkdir(dirname(step.path), { recursive: true })
      return replace(step.path, step.before, step.text)
  }
}

/** Steps in words; none of them has a value in it. */
export function said(step: Step, dryRun: boolean): readonly string[] {
  const does = (past: string, would: string) => (dryRun ? `would ${would}` : past)
  const shown = shownPath(step.path)
  switch (step.kind) {
    case 'folder':
      return step.there
        ? [`${does('closed', 'close')} ${shown} to other accounts of this machine`]
        : [`${does('made', 'make')} ${shown}`]
    case 'generate':
      return [`${does('made', 'make')} ${shown}: ${step.made.generate.length} random characters`]
    case 'empty':
      return [`${does('made', 'make')} ${shown}: empty, which means not set`]
    case 'move':
      return [`${does('moved', 'move')} ${step.name.toUpperCase()} to ${shown}`]
    case 'open':
      return [`${does('let', 'let')} containers read ${shown}, and nobody write it`]
    case 'env': {
      if (step.before === undefined) return [`${does('wrote', 'write')} ${shown}`]
      return [
        ...(step.taken.length === 0
          ? []
          : [`${does('took', 'take')} ${step.taken.join(', ')} out of ${shown}`]),
        ...(step.added.length === 0
          ? []
          : [
              `${does('added', 'add')} ${step.added.join(', ')} to ${shown}, as the example has ${them(step)}`,
            ]),
      ]
    }
  }
}

function them({ added }: { readonly added: readonly string[] }): string {
  return added.length === 1 ? 'it' : 'them'
}
