import { createHash } from 'node:crypto'

/** Days of the week as cron numbers them. */
export const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
export type Weekday = (typeof weekdays)[number]

/** When a job runs, by the host's own clock. */
export interface When {
  /** "02:15" */
  readonly at: string
  /** from `at` on, round the clock: a divisor of 24 */
  readonly every_hours?: number
  /** instead of `at`: a divisor of 60 */
  readonly every_minutes?: number
  readonly days?: readonly Weekday[]
  readonly day_of_month?: number
  /** runs are put off by up to so many minutes, so that not all hosts begin at once */
  readonly jitter_minutes: number
}

const daySeconds = 86_400

/** For OnCalendar= of a timer; the jitter is RandomizedDelaySec='s. */
export function onCalendar(when: When): string {
  const days = when.days === undefined ? '' : `${when.days.map(capital).join(',')} `
  const date = when.day_of_month === undefined ? '*-*-*' : `*-*-${two(when.day_of_month)}`
  const { hours, minutes } = clockOf(when, 0)
  return `${days}${date} ${hours === '*' ? '*' : hours.map(two).join(',')}:${minutes.map(two).join(',')}:00`
}

/** Seconds that systemd may put a run off by: never into the next one. */
export function delaySeconds(when: When): number {
  const most = when.every_minutes === undefined ? Number.POSITIVE_INFINITY : when.every_minutes * 30
  return Math.min(when.jitter_minutes * 60, most)
}

/** Five fields for cron. It knows no jitter: a share of it that hangs on `seed` is in them, the same one each time. */
export function cronSchedule(when: When, seed: string): string {
  const share = createHash('sha256').update(seed).digest().readUInt32BE(0) % (when.jitter_minutes + 1)
  const { hours, minutes } = clockOf(when, share)
  const all = minutes.length === 60
  return [
    all ? '*' : minutes.join(','),
    hours === '*' ? '*' : hours.join(','),
    when.day_of_month ?? '*',
    '*',
    when.days === undefined ? '*' : when.days.map((day) => weekdays.indexOf(day)).join(','),
  ].join(' ')
}

/** The longest time from one run to the next, in seconds: where the last began longer ago, one was missed. */
export function gapSeconds(when: When): number {
  if (when.day_of_month !== undefined) return 31 * daySeconds
  if (when.days !== undefined) return longestGap(when.days) * daySeconds
  if (when.every_minutes !== undefined) return when.every_minutes * 60
  return when.every_hours === undefined ? daySeconds : when.every_hours * 3600
}

/** "daily at 02:15": as a person reads it. */
export function inWords(when: When): string {
  const on =
    when.day_of_month !== undefined
      ? `on day ${when.day_of_month} of the month`
      : when.days !== undefined
        ? `on ${when.days.join(', ')}`
        : 'daily'
  if (when.every_minutes !== undefined)
    return on === 'daily' ? `every ${when.every_minutes} min` : `${on} every ${when.every_minutes} min`
  if (when.every_hours !== undefined) return `${on} every ${when.every_hours} h from ${when.at}`
  return `${on} at ${when.at}`
}

function clockOf(when: When, share: number): { hours: readonly number[] | '*'; minutes: readonly number[] } {
  const { every_minutes: minutes, every_hours: hours } = when
  if (minutes !== undefined) return { hours: '*', minutes: upTo(60, share % minutes, minutes) }
  const [hour = 0, minute = 0] = when.at.split(':').map(Number)
  const wanted = hour * 60 + minute + share
  // Over midnight it would be another day's run.
  const start = hours === undefined ? Math.min(wanted, 24 * 60 - 1) : wanted % (hours * 60)
  return {
    minutes: [start % 60],
    hours: upTo(24, Math.floor(start / 60), hours ?? 24),
  }
}

function upTo(end: number, first: number, step: number): readonly number[] {
  return Array.from({ length: Math.ceil((end - first) / step) }, (_, index) => first + index * step)
}

function longestGap(days: readonly Weekday[]): number {
  const at = days.map((day) => weekdays.indexOf(day)).sort((a, b) => a - b)
  return Math.max(...at.map((day, index) => (at[index + 1] ?? (at[0] ?? 0) + 7) - day))
}

function capital(day: string): string {
  return `${day.charAt(0).toUpperCase()}${day.slice(1)}`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
