import { duration } from '../report/style.ts'

/** Steps one after the other, each with the time that it took. */
export class Phases {
  readonly #print: (line: string) => void
  readonly #started = performance.now()

  constructor(print: (line: string) => void) {
    this.#print = print
  }

  /** Does a step, and says how long it took, and what came of it if there is something to say. */
  async step<T>(name: string, work: () => Promise<T>, told?: (result: T) => string): Promise<T> {
    const started = performance.now()
    const result = await work()
    const word = told?.(result)
    this.#print(
      `${name.padEnd(12)} ${duration(performance.now() - started).padStart(7)}${word ? `   ${word}` : ''}`,
    )
    return result
  }

  /** since the first */
  total(): string {
    return duration(performance.now() - this.#started)
  }
}
