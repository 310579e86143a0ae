import { exit, QuaysideError } from '../error.ts'
import { redact } from '../secret/index.ts'

/** A step on a host that came back with a failure: what was done, where, and what it said. */
export class StepError extends QuaysideError {
  readonly host: string
  /** "apply package nginx", "probe file /etc/hosts", "handler restart redis" */
  readonly step: string
  /** the id of the resource or handler that it was about */
  readonly resource: string | undefined
  readonly code: number | undefined
  readonly stderr: string

  constructor(
    host: string,
    step: string,
    failure: { code?: number; stderr?: string; why?: string; hint?: string; resource?: string },
  ) {
    // A command may repeat what it was fed.
    const stderr = redact(failure.stderr ?? '')
    const said = lastLines(stderr, 25)
    const why = failure.why ?? `ended with code ${failure.code ?? 'unknown'}`
    super(`${host}: ${redact(`${step}: ${why}`)}${said === '' ? '' : `\n${indent(said)}`}`, {
      exitCode: exit.failed,
      ...(failure.hint === undefined ? {} : { hint: redact(failure.hint) }),
    })
    this.host = host
    this.step = redact(step)
    this.resource = failure.resource
    this.code = failure.code
    this.stderr = stderr
  }
}

function lastLines(text: string, count: number): string {
  return text.trim().split('\n').slice(-count).join('\n')
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ')
}
