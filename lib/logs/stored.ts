import type { Span } from './ask.ts'
import type { Entry } from './entry.ts'
import { entriesOfLines, type Line, nanoseconds } from './read.ts'

/** An entry as a collector writes it: roles/log-collector/rsyslog-conf.ts. */
interface Stored {
  readonly time: string
  readonly host: string
  readonly container: string
  readonly raw: string
  /** of a line that Docker cut because of its length: it goes on in the next */
  readonly cut?: string
}

/**
 * What containers said, from the lines of a store: read as lines of Docker's own are, so that both give the same. What
 * came twice is told once.
 */
export function entriesOfStore(lines: readonly string[]): readonly Entry[] {
  const containers = new Map<string, Stored[]>()
  for (const line of lines) {
    const stored = parse(line)
    if (stored === undefined) continue
    const key = `${stored.host} ${stored.container}`
    const said = containers.get(key)
    if (said === undefined) containers.set(key, [stored])
    else said.push(stored)
  }
  return [...containers.values()].flatMap((said) => {
    const [first] = said
    return first === undefined ? [] : entriesOfLines(first.host, first.container, inTime(once(whole(said))))
  })
}

/** A line that was cut is one again: its pieces have one time, and come one after the other. */
function whole(stored: readonly Stored[]): readonly Line[] {
  const lines: { time: string; said: string; cut: boolean }[] = []
  for (const { cut, raw, time } of stored) {
    const last = lines.at(-1)
    if (last?.cut === true && last.time === time) {
      last.said += raw
      last.cut = cut !== undefined
    } else lines.push({ time, said: raw, cut: cut !== undefined })
  }
  return lines
}

function once(lines: readonly Line[]): readonly Line[] {
  return [...new Map(lines.map((line) => [`${line.time} ${line.said}`, line])).values()]
}

function inTime(lines: readonly Line[]): readonly Line[] {
  return [...lines].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))
}

function parse(line: string): Stored | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { container, cut, host, raw, time } = value as Readonly<Record<string, unknown>>
  const texts = [container, host, raw, time].every((each) => typeof each === 'string')
  if (!texts) return undefined
  return {
    container: String(container),
    host: String(host),
    raw: String(raw),
    time: nanoseconds(String(time)),
    ...(typeof cut === 'string' && { cut }),
  }
}

/** Whether an entry is of a span, whose times are RFC 3339 in UTC. */
export function isWithin({ time }: Entry, { since, until }: Omit<Span, 'tail'>): boolean {
  return time >= nanoseconds(since) && (until === undefined || time <= nanoseconds(until))
}
