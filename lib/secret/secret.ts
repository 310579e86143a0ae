import { scryptSync } from 'node:crypto'
import { inspect } from 'node:util'

const shown = '[secret]'

/**
 * A value that cannot be printed: string conversion, JSON, console.log and template literals all give `[secret]`.
 * Only `reveal()` gives it up: called where a secret is put on the wire, hashed or made into a verifier, nowhere else.
 */
export class Secret<T = string> {
  readonly #value: T
  #fingerprint: string | undefined

  constructor(value: T) {
    this.#value = value
  }

  reveal(): T {
    return this.#value
  }

  /** 12 hex digits that tell two values apart, slow to brute-force (scrypt), safe to store in a label. */
  fingerprint(): string {
    this.#fingerprint ??= scryptSync(String(this.#value), 'quayside', 6).toString('hex')
    return this.#fingerprint
  }

  toString(): string {
    return shown
  }

  toJSON(): string {
    return shown
  }

  [inspect.custom](): string {
    return shown
  }
}

/** Text that holds a secret, or text that does not. */
export type Content = string | Secret

export function isSecret(value: unknown): value is Secret<unknown> {
  return value instanceof Secret
}
