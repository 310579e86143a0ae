import { lsnOf } from './name.ts'

/** Where a timeline was left for the next one. */
export interface Switch {
  readonly timeline: number
  /** the byte of the log that the next timeline begins at */
  readonly lsn: number
}

/** A history file of PostgreSQL: the ancestors of its timeline, the oldest first. Throws a TypeError for another file. */
export function parseHistory(text: string): readonly Switch[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [timeline = '', lsn = ''] = line.split(/\s+/)
      if (!/^\d+$/.test(timeline))
        throw new TypeError(`not a line of a timeline's history: ${JSON.stringify(line)}`)
      return { timeline: Number(timeline), lsn: lsnOf(lsn) }
    })
}
