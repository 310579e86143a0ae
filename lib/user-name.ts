import { execFileSync } from 'node:child_process'
import { userInfo } from 'node:os'

let known: string | undefined

/**
 * The login name of this process's user, as `id -un` says it: Bun believes $USER, and without it (cron) says "unknown".
 * The number, where no account has it.
 */
export function userName(): string {
  known ??= process.versions.bun ? asked() : named()
  return known
}

function named(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.())
  }
}

function asked(): string {
  try {
    return execFileSync('id', ['-un'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return String(process.getuid?.())
  }
}
