import type { Tally } from './event.ts'

/** What a run did, host by host: made when a host is first asked for. */
export class Tallies {
  readonly #tallies = new Map<string, Tally>()

  of(host: string): Tally {
    let tally = this.#tallies.get(host)
    if (tally === undefined) {
      tally = { host, unchanged: 0, changed: 0, pending: 0, handlers: 0, skipped: 0, rescued: 0, state: 'ok' }
      this.#tallies.set(host, tally)
    }
    return tally
  }

  has(host: string): boolean {
    return this.#tallies.has(host)
  }
}
