import { homedir } from 'node:os'
import { join } from 'node:path'

/** `~` and `~/…` as the user's home folder; any other path as it is. */
export function expandHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(2)) : path
}
