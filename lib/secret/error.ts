import { exit, QuaysideError } from '../error.ts'

/** A secret could not be had from its source. The message never holds the value. */
export class SecretError extends QuaysideError {
  constructor(message: string, hint: string, cause?: unknown) {
    super(message, { hint, cause, exitCode: exit.usage })
  }
}
