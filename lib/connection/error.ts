import { exit, QuaysideError } from '../error.ts'
import { redact } from '../secret/index.ts'

/** What kept a result from coming back. */
export type ConnectionFailure =
  | 'authentication'
  | 'become'
  | 'closed'
  | 'configuration'
  | 'host-key'
  | 'identity'
  | 'interrupted'
  | 'lost'
  | 'name'
  | 'negotiation'
  | 'output'
  | 'refused'
  | 'reset'
  | 'shell'
  | 'timeout'
  | 'unreachable'

export interface ConnectionErrorOptions {
  readonly reason?: ConnectionFailure
  readonly hint?: string
  readonly cause?: unknown
  readonly exitCode?: number
}

/** No result could be had from a host: it was not reached, not trusted, or went away. */
export class ConnectionError extends QuaysideError {
  readonly host: string
  readonly reason: ConnectionFailure

  constructor(host: string, message: string, options: ConnectionErrorOptions = {}) {
    const { reason = 'lost', hint, ...rest } = options
    super(`${host}: ${redact(message)}`, {
      exitCode: exit.unreachable,
      ...rest,
      ...(hint === undefined ? {} : { hint: redact(hint) }),
    })
    this.host = host
    this.reason = reason
  }
}

/** The host answered, but a script did not end in its time; the connection was closed. */
export class TimeoutError extends ConnectionError {
  constructor(host: string, message: string, options: ConnectionErrorOptions = {}) {
    super(host, message, { reason: 'timeout', ...options })
  }
}

/** The caller's AbortSignal fired (Ctrl-C, or another host failed); the connection was closed. */
export class InterruptedError extends ConnectionError {
  constructor(host: string, message: string, options: ConnectionErrorOptions = {}) {
    super(host, message, { reason: 'interrupted', exitCode: exit.interrupted, ...options })
  }
}
