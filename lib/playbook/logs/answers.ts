import type { Entry, Span } from '../../logs/index.ts'

/** What was said in a span, as far as it could be asked for. */
export interface Answers {
  readonly entries: readonly Entry[]
  /** services and containers that there are, whatever they said */
  readonly known: readonly string[]
  /** hosts by their names */
  readonly unreachable: readonly string[]
}

export type Ask = (span: Span) => Promise<Answers>
