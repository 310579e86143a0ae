/** How much of the log a file name's last eight digits count up to before the ones before them do. */
const logBytes = 2 ** 32

/** A segment of the log, as its name tells. */
export interface Segment {
  readonly timeline: number
  /** counted from the beginning of the log, over all timelines */
  readonly number: number
}

/** A place in the log in bytes: of "16/B374D848". */
export function lsnOf(text: string): number {
  const [, high, low] = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text) ?? []
  if (high === undefined || low === undefined)
    throw new TypeError(`not a place in the log: ${JSON.stringify(text)}`)
  return Number.parseInt(high, 16) * logBytes + Number.parseInt(low, 16)
}

/** The segment that holds a byte of the log. */
export function segmentAt(timeline: number, lsn: number, segmentBytes: number): Segment {
  return { timeline, number: Math.floor(lsn / segmentBytes) }
}

/** "000000010000000A000000FF", as XLogFileName of PostgreSQL makes it. */
export function nameOf({ timeline, number }: Segment, segmentBytes: number): string {
  const each = logBytes / segmentBytes
  return [timeline, Math.floor(number / each), number % each].map(hex).join('')
}

/** The segment of that name; undefined for a history, a backup label, a partial segment and whatever else. */
export function segmentOf(name: string, segmentBytes: number): Segment | undefined {
  const [, timeline, log, rest] = /^([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})$/.exec(name) ?? []
  if (timeline === undefined || log === undefined || rest === undefined) return undefined
  const each = logBytes / segmentBytes
  return {
    timeline: Number.parseInt(timeline, 16),
    number: Number.parseInt(log, 16) * each + Number.parseInt(rest, 16),
  }
}

/** "00000002.history" */
export function historyName(timeline: number): string {
  return `${hex(timeline)}.history`
}

/** The timeline of a history file's name. */
export function timelineOf(name: string): number | undefined {
  const [, timeline] = /^([0-9A-F]{8})\.history$/.exec(name) ?? []
  return timeline === undefined ? undefined : Number.parseInt(timeline, 16)
}

function hex(number: number): string {
  return number.toString(16).toUpperCase().padStart(8, '0')
}
