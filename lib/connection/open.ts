import type { Connection, Target } from './connection.ts'

/** Opens a connection to a host, as the inventory describes it. Throws a ConnectionError with a hint. */
export async function openConnection(
  target: Target,
  options: { signal?: AbortSignal } = {},
): Promise<Connection> {
  // Loaded when needed: ssh2 takes 40 ms that a local run can do without.
  if (target.connection === 'local') return (await import('./local.ts')).openLocal(target)
  return (await import('./ssh.ts')).openSsh(target, options)
}
