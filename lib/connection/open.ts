import type { Connection, Target } from './connection.ts'
import { Connector } from './connector.ts'

/** Opens one connection that shares nothing with others. Throws a ConnectionError with a hint. */
export function openConnection(target: Target, options: { signal?: AbortSignal } = {}): Promise<Connection> {
  return new Connector().open(target, options)
}
