import { isAbsolute, join } from 'node:path'
import { installed, run } from '../command.ts'
import { messageOf, QuaysideError } from '../error.ts'

/** A Terraform, or an OpenTofu, in a folder of configuration. */
export interface Terraform {
  /** the program: a name on the PATH, or a path */
  readonly program: string
  /** absolute path of the configuration */
  readonly folder: string
  /** absolute path of where it keeps providers, and which backend the state is in */
  readonly dataDir: string
}

/** That program in that folder. Throws a QuaysideError where this machine has none. */
export async function terraformIn(folder: string, program: string): Promise<Terraform> {
  if (!(await installed(program)))
    throw new QuaysideError(`there is no ${program} on this machine`, {
      hint: 'install Terraform or OpenTofu, or name one: --terraform PROGRAM',
    })
  const given = process.env.TF_DATA_DIR || '.terraform'
  return { program, folder, dataDir: isAbsolute(given) ? given : join(folder, given) }
}

/** What it is given beside our own environment: it asks nobody, and keeps its data where we think. */
export function environmentOf({ dataDir }: Terraform): Record<string, string> {
  return { TF_IN_AUTOMATION: '1', TF_INPUT: '0', TF_DATA_DIR: dataDir }
}

/**
 * What a command prints that locks nothing: init, show, output. It goes through a pipe and is on no disk. Throws a
 * QuaysideError with what it complained of.
 */
export async function asked(terraform: Terraform, words: readonly string[]): Promise<string> {
  const { folder, program } = terraform
  try {
    return await run([program, `-chdir=${folder}`, ...words], { env: environmentOf(terraform) })
  } catch (error) {
    throw new QuaysideError(messageOf(error).replaceAll(/^[│╷╵] ?/gm, ''), { cause: error })
  }
}
