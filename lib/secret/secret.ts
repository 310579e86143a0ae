import { scryptSync } from 'node:crypto'
import { inspect } from 'node:util'
import { type Origin, remember } from './redact.ts'
import { shown } from './scan.ts'

/**
 * A value that cannot be printed: string conversion, JSON, console.log and template literals all give `[secret]`.
 * Only `reveal()` gives it up: called where a secret is put on the wire, hashed or made into a verifier, nowhere else.
 * What comes back from there by another way (a program that prints it) is caught by `redact`, which knows each Secret.
 */
export class Secret<T = string> {
  readonly #value: T
  #fingerprint: string | undefined

  constructor(value: T, origin: Origin = 'source') {
    this.#value = value
    if (typeof value === 'string') remember(value, origin)
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
