export type { Connection, Result, RunOptions, Target } from './connection.ts'
export { Connector, type ConnectorOptions } from './connector.ts'
export {
  ConnectionError,
  type ConnectionFailure,
  InterruptedError,
  TimeoutError,
} from './error.ts'
export { openConnection } from './open.ts'
export { type Ended, type Running, RunningError, type StartOptions } from './running.ts'
