import { matching, oneLine } from './argument.ts'
import { file } from './file.ts'
import { accountName } from './group.ts'
import type { Common, Resource } from './resource.ts'
import { managedNote } from './template.ts'

export interface CronOptions extends Common {
  /** five fields, "15 2 * * *", or "@daily" and its like */
  readonly schedule: string
  readonly command: string
  /** root unless told */
  readonly user?: string | undefined
  /** variables for the command, MAILTO among them; not for secrets */
  readonly env?: Readonly<Record<string, string>> | undefined
}

/** A job in /etc/cron.d, in a file of its own. The command is what sh gets: what cron would take for its own is escaped. */
export function cron(name: string, options: CronOptions): Resource {
  const { schedule, command, user = 'root', env = {}, notify } = options
  const path = cronPath(name)
  checkSchedule(schedule)
  accountName(user, 'user of a cron job')
  if (oneLine(command, 'command').trim() === '') throw new TypeError('command must not be empty')
  const variables = Object.entries(env).map(([key, value]) => {
    matching(key, /^[A-Za-z_]\w*$/, 'name of a variable')
    return `${key}="${matching(value, /^[^"\n\r\0]*$/, `value of ${key}`)}"`
  })
  const line = `${schedule} ${user} ${forCron(command)}`
  const content = [`# ${managedNote}`, ...variables, line, ''].join('\n')
  return { ...file(path, { content, notify }), id: `cron ${name}` }
}

/**
 * The command in cron's own spelling. Debian's cron ends it at a "%", and reads a backslash away in front of a "%" and
 * of another backslash.
 */
function forCron(command: string): string {
  return command.replace(/\\{2,}|\\(?=%)/g, (run) => run + run).replaceAll('%', '\\%')
}

/** Where a job stands: cron leaves out files with a dot in their names. */
export function cronPath(name: string): string {
  return `/etc/cron.d/${matching(name, /^[A-Za-z0-9_-]+$/, 'name of a cron job')}`
}

const months = 'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec'
const days = 'sun|mon|tue|wed|thu|fri|sat'
const cronFields = [
  { what: 'minute', least: 0, most: 59, names: '' },
  { what: 'hour', least: 0, most: 23, names: '' },
  { what: 'day of month', least: 1, most: 31, names: '' },
  { what: 'month', least: 1, most: 12, names: months },
  { what: 'day of week', least: 0, most: 7, names: days },
] as const

function checkSchedule(schedule: string): void {
  if (/^@(?:reboot|hourly|daily|midnight|weekly|monthly|yearly|annually)$/.test(schedule)) return
  const given = schedule.split(' ')
  if (given.length !== 5) throw new TypeError(`schedule needs five fields: ${JSON.stringify(schedule)}`)
  cronFields.forEach((field, index) => {
    for (const part of (given[index] ?? '').split(',')) {
      if (!fits(part, field)) {
        throw new TypeError(
          `schedule ${JSON.stringify(schedule)}: ${JSON.stringify(part)} is no ${field.what}`,
        )
      }
    }
  })
}

function fits(part: string, { least, most, names }: { least: number; most: number; names: string }): boolean {
  const match = /^(?:\*|(\w+)(?:-(\w+))?)(?:\/(\d{1,2}))?$/.exec(part)
  if (match === null) return false
  const [, from, to, step] = match
  if (step !== undefined && (Number(step) < 1 || (from !== undefined && to === undefined))) return false
  const value = (text: string) => {
    const named = names.split('|').indexOf(text.toLowerCase())
    return names !== '' && named >= 0 ? named + least : /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN
  }
  const [low, high] = [from === undefined ? least : value(from), to === undefined ? most : value(to)]
  return low >= least && low <= most && high >= low && high <= most
}
