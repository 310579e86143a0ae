import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, QuaysideError } from '../error.ts'
import { shownPath } from '../inventory/fault.ts'
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

/** Reads what a stage has. Throws a QuaysideError for what is there and cannot be read. */
export async function look(stage: Stage, where: Where): Promise<Observed> {
  return { env: await envFile(envPath(stage, where)), folder: await secretFolder(secretsPath(stage, where)) }
}

async function envFile(path: string): Promise<EnvFile | undefined> {
  return readable(path, async () => ({
    mode: (await stat(path)).mode & 0o777,
    text: await readFile(path, 'utf8'),
  }))
}

async function secretFolder(path: string): Promise<SecretFolder | undefined> {
  const folder = await readable(path, async () => ({
    mode: (await stat(path)).mode & 0o777,
    names: (await readdir(path)).sort(),
  }))
  if (folder === undefined) return undefined
  const files = new Map<string, SecretFile>()
  for (const name of folder.names) {
    const file = await readable(join(path, name), () => secretFile(join(path, name)))
    if (file !== undefined) files.set(name, file)
  }
  return { mode: folder.mode, files }
}

async function secretFile(path: string): Promise<SecretFile> {
  const { mode } = await stat(path)
  return { content: held(withoutLastNewline(await readFile(path, 'utf8'))), mode: mode & 0o777 }
}

/** What `read` gives of a path, undefined where nothing is. */
async function readable<T>(path: string, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : messageOf(error)
    if (code === 'ENOENT') return undefined
    const shown = shownPath(path)
    if (code === 'EISDIR') {
      // Docker makes one in the place of a file that it was to mount and that was not there.
      throw new QuaysideError(`${shown} is a directory, and should be a file`, { hint: `rmdir ${shown}` })
    }
    throw new QuaysideError(`${shown} cannot be read (${code})`, { hint: `is it yours? ls -ld ${shown}` })
  }
}
