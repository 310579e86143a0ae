import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { stateDir } from '../state.ts'

/** Where a path in the inventory starts from. */
export interface PathContext {
  readonly env: string
  readonly dir: string
}

/**
 * An absolute path from one that the inventory gives: `~/…` starts at the home directory, `{state}/…` (quoted, since
 * a brace opens a mapping in YAML) at the state directory of the environment, any other at the inventory's folder.
 */
export function expandPath(path: string, { env, dir }: PathContext): string {
  if (path === '~' || path.startsWith('~/')) return join(homedir(), path.slice(1))
  if (path === '{state}' || path.startsWith('{state}/'))
    return join(stateDir(env), path.slice('{state}'.length))
  return resolve(dir, path)
}
