import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { withoutLastNewline } from '../secret/read.ts'
import { type Held, held } from './held.ts'
import type { Stage, Where } from './stage.ts'

/** The env file of a stage as it is. */
export interface EnvFile {
  readonly text: string
  readonly mode: number
}

/** A file among the secrets, without its last newline. */
export interface SecretFile {
  readonly content: Held
  readonly mode: number
}

/** The folder of a stage's secrets; names that end in ~ are what a killed run has left. */
export interface SecretFolder {
  readonly mode: number
  readonly files: ReadonlyMap<string, SecretFile>
}

/** What is there of a stage; undefined for what is not. */
export interface Observed {
  readonly env: EnvFile | undefined
  readonly folder: SecretFolder | undefined
}

export function envPath(stage: Stage, { directory }: Where): string {
  return join(directory, `${stage.name}.env`)
}

export function secretsPath(stage: Stage, { directory }: Where): string {
  return join(directory, 'secrets', stage.name)
}

/** Reads what a stage has; what is there and cannot be read throws. */
export async function look(stage: Stage, where: Where): Promise<Observed> {
  return { env: await envFile(envPath(stage, where)), folder: await secretFolder(secretsPath(stage, where)) }
}

async function envFile(path: string): Promise<EnvFile | undefined> {
  const found = await ifThere(stat(path))
  return found && { text: await readFile(path, 'utf8'), mode: found.mode & 0o777 }
}

async function secretFolder(path: string): Promise<SecretFolder | undefined> {
  const found = await ifThere(stat(path))
  if (found === undefined) return undefined
  const files = new Map<string, SecretFile>()
  for (const name of (await readdir(path)).sort()) {
    const { mode } = await stat(join(path, name))
    const content = held(withoutLastNewline(await readFile(join(path, name), 'utf8')))
    files.set(name, { content, mode: mode & 0o777 })
  }
  return { mode: found.mode & 0o777, files }
}

async function ifThere<T>(found: Promise<T>): Promise<T | undefined> {
  return found.catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  })
}
