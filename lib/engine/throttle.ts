/** Lets at most so many through at a time, by name; the others wait in line. */
export class Throttle {
  readonly #lines = new Map<string, { inside: number; waiting: (() => void)[] }>()

  async pass<T>(name: string, width: number, work: () => Promise<T>): Promise<T> {
    const line = this.#lines.get(name) ?? { inside: 0, waiting: [] }
    this.#lines.set(name, line)
    while (line.inside >= width) await new Promise<void>((resolve) => line.waiting.push(resolve))
    line.inside += 1
    try {
      return await work()
    } finally {
      line.inside -= 1
      line.waiting.shift()?.()
    }
  }
}
