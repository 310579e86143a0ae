export const levels = ['debug', 'info', 'warning', 'error'] as const
export type Level = (typeof levels)[number]

/** One thing that a container said, whatever it says it in. */
export interface Entry {
  /** when Docker took it: RFC 3339 in UTC with nanoseconds, so that text sorts as time does */
  readonly time: string
  readonly host: string
  /** api-blue-1 */
  readonly container: string
  /** api */
  readonly service: string
  readonly level: Level
  /** in one line, for people */
  readonly message: string
  /** nginx gives each request one, and passes it through web and api */
  readonly requestId?: string
  /** what it said as it said it: a line, or several that belong together */
  readonly raw: string
}

/** The service that a container is of: its colour and number left out, or in a swarm its stack, its slot or node, and its task. */
export function serviceOf(container: string): string {
  const [, ofSwarm] = /^[^_]+_(.+)\.(?:\d+|[0-9a-z]{25})\.[0-9a-z]{25}$/.exec(container) ?? []
  return ofSwarm ?? container.replace(/-(?:blue|green)-\d+$/, '')
}
