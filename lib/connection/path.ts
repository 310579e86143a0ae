import { homedir } from 'node:os'
import { join } from 'node:path'

/** `~` and `~/…` as the user's home folder; any other path as it is. */
export function expandHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(2)) : path
}

/** A path below the user's home folder as `~/…`; any other as it is. */
export function tilde(path: string): string {
  return path.startsWith(`${homedir()}/`) ? `~${path.slice(homedir().length)}` : path
}
