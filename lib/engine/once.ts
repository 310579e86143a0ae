/** What one host of a play does for all of them (Ansible's run_once): the first that has not failed; others wait. */
export class Once {
  readonly #order: readonly string[]
  readonly #gone = new Set<string>()
  readonly #done = new Map<string, string>()
  #wake: (() => void)[] = []

  /** @param order the play's hosts, in the order in which they are begun */
  constructor(order: readonly string[]) {
    this.#order = order
  }

  /** Gives the name of the host that did it: this one, after its work, or another that had done it. */
  async share(id: string, host: string, work: () => Promise<void>): Promise<string> {
    for (;;) {
      const done = this.#done.get(id)
      if (done !== undefined) return done
      const owner = this.#order.find((name) => !this.#gone.has(name))
      if (owner === undefined || owner === host) {
        await work()
        this.#done.set(id, host)
        this.#notify()
        return host
      }
      await new Promise<void>((resolve) => this.#wake.push(resolve))
    }
  }

  /** The host has ended, well or not: what it has not done is the next one's. */
  leave(host: string): void {
    this.#gone.add(host)
    this.#notify()
  }

  #notify(): void {
    const waiting = this.#wake
    this.#wake = []
    for (const wake of waiting) wake()
  }
}
