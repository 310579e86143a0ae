import { QuaysideError } from '../error.ts'
import { Secret } from '../secret/index.ts'

/** The secret of a host outside `--limit`: nobody was asked for it, and whoever uses it is told so. */
export class Unfetched extends Secret {
  readonly #name: string
  readonly #host: string

  constructor(name: string, host: string) {
    super('')
    this.#name = name
    this.#host = host
  }

  override reveal(): never {
    throw new QuaysideError(
      `\`${this.#name}\` of ${this.#host} was not fetched: the host is outside --limit`,
      {
        hint: `add it to the limit: --limit '…,${this.#host}'`,
      },
    )
  }

  override fingerprint(): never {
    return this.reveal()
  }
}
