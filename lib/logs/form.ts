import type { Entry, Level } from './entry.ts'

/** What can be read in what somebody said. */
export type Told = Pick<Entry, 'level' | 'message' | 'requestId'>

/** How a kind of service writes its log. */
export interface Form {
  /** whether a line belongs to the entry before it */
  goesOn(line: string): boolean
  read(raw: string): Told
}

/** PostgreSQL and Redis write lines of their own kind to standard error; the rest write JSON, or just text. */
export function formOf(service: string): Form {
  if (service === 'postgres') return postgres
  return service === 'redis' ? redis : json
}

const json: Form = {
  goesOn: (line) => /^\s+\S|^Traceback /.test(line),
  read: (raw) => ofObject(raw) ?? { level: levelIn(raw), message: firstLine(raw) },
}

/** `log_line_prefix` of the postgres-pgvector role: time, pid, user, database, application, client, severity. */
const severity = /^\S+ \S+ UTC \[\d+\] (?:user=\S* db=\S* app=.* client=\S* )?([A-Z]+\d?): {1,2}(.*)$/

const postgres: Form = {
  // A second line of a message is indented; DETAIL and its like are entries that say what the one before meant.
  goesOn: (line) =>
    /^\t/.test(line) || /^(?:DETAIL|HINT|CONTEXT|STATEMENT|QUERY)$/.test(severity.exec(line)?.[1] ?? ''),
  read(raw) {
    const [, word, message] = severity.exec(firstLine(raw)) ?? []
    if (word === undefined || message === undefined) return { level: levelIn(raw), message: firstLine(raw) }
    return { level: severities[word] ?? 'info', message: word === 'LOG' ? message : `${word}: ${message}` }
  },
}

const severities: Readonly<Record<string, Level>> = {
  DEBUG: 'debug',
  WARNING: 'warning',
  ERROR: 'error',
  FATAL: 'error',
  PANIC: 'error',
}

/** pid, role, date, and a sign for how much it matters. */
const signed = /^\d+:[A-Z] \d\d \w{3} \d{4} [\d:.]+ ([.\-*#]) (.*)$/

const redis: Form = {
  goesOn: () => false,
  read(raw) {
    const [, sign, message] = signed.exec(firstLine(raw)) ?? []
    if (sign === undefined || message === undefined) return { level: 'info', message: firstLine(raw) }
    // `#` is a warning and the banner of every start alike.
    const level = sign === '#' ? (/error|fail|can't|warning/i.test(message) ? 'warning' : 'info') : 'info'
    return { level: sign === '.' || sign === '-' ? 'debug' : level, message }
  },
}

/** An entry that is a JSON object: nginx's, the api's, the web's. Undefined for anything else. */
function ofObject(raw: string): Told | undefined {
  if (!raw.startsWith('{')) return undefined
  let value: Readonly<Record<string, unknown>>
  try {
    value = JSON.parse(firstLine(raw))
  } catch {
    return undefined
  }
  const text = (key: string) => (typeof value[key] === 'string' ? value[key] : undefined)
  const requestId = text('requestId') ?? text('request_id')
  const status = typeof value.status === 'number' ? value.status : undefined
  const request = text('method') === undefined ? undefined : requested(value, status)
  const level = leveled(text('level')) ?? 'info'
  return {
    level:
      request !== undefined && status !== undefined && status >= 500 && level === 'info' ? 'error' : level,
    message: request ?? [text('message') ?? firstLine(raw), text('error')].filter(Boolean).join(': '),
    ...(requestId !== undefined && { requestId }),
  }
}

/** "GET /api/version 200 in 3 ms", from nginx's seconds or the others' milliseconds. */
function requested(value: Readonly<Record<string, unknown>>, status: number | undefined): string {
  const { durationMs, method, path, seconds } = value
  const ms =
    typeof durationMs === 'number' ? durationMs : typeof seconds === 'number' ? seconds * 1000 : undefined
  return `${method} ${path} ${status ?? '-'}${ms === undefined ? '' : ` in ${Math.round(ms)} ms`}`
}

function leveled(word: string | undefined): Level | undefined {
  switch (word?.toLowerCase()) {
    case 'debug':
    case 'trace':
      return 'debug'
    case 'info':
    case 'notice':
      return 'info'
    case 'warn':
    case 'warning':
      return 'warning'
    case 'error':
    case 'critical':
    case 'fatal':
      return 'error'
    default:
      return undefined
  }
}

/** Of text: what nginx puts in brackets, and what ends a program. */
function levelIn(raw: string): Level {
  const [, bracketed] = /\[(emerg|alert|crit|error|warn|notice|info|debug)\]/.exec(firstLine(raw)) ?? []
  if (bracketed !== undefined) return leveled(bracketed) ?? 'error'
  return /^Traceback |^(?:Uncaught |Unhandled )?\w*(?:Error|Exception)\b/m.test(raw) ? 'error' : 'info'
}

function firstLine(raw: string): string {
  return raw.split('\n', 1)[0] ?? ''
}
