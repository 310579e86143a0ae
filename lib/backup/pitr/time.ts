import { UsageError } from '../../error.ts'
import type { RecoveryTime } from './choose.ts'

const form = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d(?:\.\d+)?)?(?:(Z)|([+-]\d\d)(?::?(\d\d))?)?$/i

/** What --to-time says: `latest`, or a moment in ISO 8601 with its zone. Throws a UsageError for anything else. */
export function readRecoveryTime(text: string): RecoveryTime {
  if (text === 'latest') return 'latest'
  const [, day, minute, second = ':00', utc, hours, minutes = '00'] = form.exec(text) ?? []
  if (day === undefined)
    throw new UsageError(
      `--to-time takes a moment or latest, not "${text}"`,
      'for example 2026-11-23T10:15:00Z',
    )
  if (utc === undefined && hours === undefined)
    throw new UsageError(
      `--to-time ${text} does not say in which zone`,
      `${text}Z is UTC, ${text}+01:00 an hour east of it`,
    )
  const at = new Date(`${day}T${minute}${second}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`)
  // The language takes the 30th of February for the 2nd of March.
  const there = new Date(`${day}T00:00:00Z`)
  if (Number.isNaN(at.getTime()) || !isDay(there, day))
    throw new UsageError(`--to-time ${text}: there is no such day or time`)
  return at
}

function isDay(date: Date, day: string): boolean {
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day)
}
