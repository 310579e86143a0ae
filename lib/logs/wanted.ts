import { type Entry, type Level, levels } from './entry.ts'

/** Which entries somebody wants. */
export interface Wanted {
  /** none for all */
  readonly services: readonly string[]
  /** this and what is worse */
  readonly level: Level
  readonly requestId?: string
  /** in what was said, capitals or not */
  readonly grep?: string
}

export function isWanted(entry: Entry, { grep, level, requestId, services }: Wanted): boolean {
  return (
    (services.length === 0 || services.includes(entry.service) || services.includes(entry.container)) &&
    levels.indexOf(entry.level) >= levels.indexOf(level) &&
    (requestId === undefined || entry.requestId === requestId) &&
    (grep === undefined || entry.raw.toLowerCase().includes(grep.toLowerCase()))
  )
}

/** By time, and what is of the same time by host and container: the same order whoever answered first. */
export function inOrder(entries: readonly Entry[]): readonly Entry[] {
  const key = ({ container, host, time }: Entry) => `${time} ${host} ${container}`
  return [...entries].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
}
