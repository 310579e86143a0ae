import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/**
 * The folder where this machine keeps what belongs to one environment and must not be in the repository: generated
 * secrets, the local CA, the lab's hosts. `${XDG_STATE_HOME:-~/.local/state}/quayside/<env>`; it may not exist yet.
 */
export function stateDir(env: string): string {
  const given = process.env.XDG_STATE_HOME
  // The XDG specification says to ignore a relative path.
  const base = given !== undefined && isAbsolute(given) ? given : join(homedir(), '.local', 'state')
  return join(base, 'quayside', env)
}
