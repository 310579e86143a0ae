/** Exit codes of every playbook, as docs/operating.md lists them. */
export const exit = { done: 0, failed: 1, usage: 2, pending: 3, unreachable: 4, interrupted: 130 } as const

/** An error meant for a person: what went wrong, and a hint that says what to do next. */
export class QuaysideError extends Error {
  readonly hint: string | undefined
  readonly exitCode: number

  constructor(message: string, options: { hint?: string; exitCode?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.hint = options.hint
    this.exitCode = options.exitCode ?? exit.failed
  }
}

/** Wrong flags or arguments: nothing was touched. */
export class UsageError extends QuaysideError {
  constructor(message: string, hint?: string) {
    super(message, { exitCode: exit.usage, ...(hint === undefined ? {} : { hint }) })
  }
}

/** What an unknown thrown value has to say. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
