import { ConnectionError } from '../../connection/index.ts'
import type { Emit } from '../../engine/event.ts'
import { messageOf, QuaysideError } from '../../error.ts'
import type { StepRecord } from './evidence.ts'

/** most problems of one step that are kept: a table with a million wrong rows is one fault */
const mostProblems = 100

/** What a step found: words for a person, and what is wrong, a line each; nothing wrong is a step passed. */
export interface Found {
  readonly text: string
  readonly problems?: readonly string[]
  /** the backup has nothing of that kind */
  readonly skipped?: boolean
}

export interface StepOptions {
  /** what follows makes no sense without it: when it fails, nothing else is run */
  readonly gate?: boolean
}

/** The steps of a drill, one after another: each is timed and has a verdict of its own. */
export class Steps {
  readonly #emit: Emit
  readonly #signal: AbortSignal
  readonly #started = performance.now()
  readonly #records: StepRecord[] = []
  #closed: string | undefined

  constructor(emit: Emit, signal: AbortSignal) {
    this.#emit = emit
    this.#signal = signal
  }

  get records(): readonly StepRecord[] {
    return this.#records
  }

  /** Whether nothing has failed, and nothing was left out for it. */
  get ok(): boolean {
    return this.#records.every(({ outcome }) => outcome === 'ok' || outcome === 'skipped')
  }

  /** milliseconds since the first step could begin */
  get elapsed(): number {
    return Math.round(performance.now() - this.#started)
  }

  /**
   * Runs a step; an error of it is its verdict. What says nothing of the backup is thrown on: that a person stopped the
   * drill, or that the connection to the host was lost.
   */
  async run(id: string, title: string, work: () => Promise<Found>, options: StepOptions = {}): Promise<void> {
    const start = this.elapsed
    if (this.#closed !== undefined) {
      this.#records.push({
        id,
        title,
        outcome: 'not-run',
        text: `not run: ${this.#closed}`,
        problems: [],
        start,
        ms: 0,
      })
      return
    }
    this.#signal.throwIfAborted()
    const found = await this.#tried(work)
    const outcome = this.record(id, title, found, start)
    if (outcome === 'failed' && options.gate === true) this.#closed = `"${title}" failed`
  }

  /** Takes down what a step found that ran outside of `run`. */
  record(id: string, title: string, found: Found, start = this.elapsed): StepRecord['outcome'] {
    const problems = found.problems ?? []
    const outcome = problems.length > 0 ? 'failed' : found.skipped === true ? 'skipped' : 'ok'
    const text = found.text === '' ? 'it could not be seen through' : found.text
    const ms = this.elapsed - start
    this.#records.push({ id, title, outcome, text, problems: problems.slice(0, mostProblems), start, ms })
    const mark = { ok: 'ok', failed: 'FAILED', skipped: 'skipped' }[outcome]
    this.#emit({ type: 'step', text: `${title}: ${mark}: ${text}`, ms })
    for (const problem of problems.slice(0, 10)) this.#emit({ type: 'note', text: `  ${problem}` })
    if (problems.length > 10)
      this.#emit({ type: 'note', text: `  and ${problems.length - 10} more, in the evidence` })
    return outcome
  }

  async #tried(work: () => Promise<Found>): Promise<Found> {
    try {
      return await work()
    } catch (error) {
      if (this.#signal.aborted) throw error
      if (error instanceof ConnectionError && error.reason !== 'shell') throw error
      const hint = error instanceof QuaysideError && error.hint ? ` (${error.hint})` : ''
      const message = messageOf(error)
      return { text: '', problems: [message + hint] }
    }
  }
}
