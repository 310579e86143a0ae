import type { Emit, Event } from '../engine/event.ts'
import { QuaysideError } from '../error.ts'

/** The version of docs/schemas/events.schema.json: another one when a field goes or changes its meaning. */
export const schemaVersion = 1

/** Events as JSON, one a line, as docs/schemas/events.schema.json has them. */
export function jsonReporter(write: (line: string) => void, now: () => Date = () => new Date()): Emit {
  return (event) => write(JSON.stringify(jsonOf(event, now())))
}

/** An event as data: what it holds, when it came, and errors in words. */
export function jsonOf(event: Event, at: Date): Readonly<Record<string, unknown>> {
  const { type, ...rest } = event
  const fields = Object.entries(rest).map(([key, value]) => [key, dataOf(key, value)] as const)
  return { v: schemaVersion, type, at: at.toISOString(), ...Object.fromEntries(fields) }
}

function dataOf(key: string, value: unknown): unknown {
  if (value instanceof Error) return errorData(value)
  // Microseconds are more than any clock here is worth.
  return key === 'ms' && typeof value === 'number' ? Math.round(value * 1000) / 1000 : value
}

/** An error as data. `code` and `stderr` are what a program on a host ended with; a fault of ours has its `stack`. */
function errorData(error: Error): Readonly<Record<string, unknown>> {
  const { name, message } = error
  if (!(error instanceof QuaysideError)) return { name, message, stack: error.stack ?? '' }
  const of = (key: string, type: 'string' | 'number') => {
    const value: unknown = Reflect.get(error, key)
    return typeof value === type && value !== '' ? { [key]: value } : {}
  }
  return {
    name,
    message,
    ...of('hint', 'string'),
    exitCode: error.exitCode,
    ...of('step', 'string'),
    ...of('code', 'number'),
    ...of('stderr', 'string'),
  }
}
