import { randomInt } from 'node:crypto'
import { weakness } from './weakness.ts'

/** Letters and digits: no program, URL or file format has to quote them. */
export const alphanumeric = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/**
 * A text of that many characters, each by itself and as likely as any other. Throws a TypeError for a length or an
 * alphabet that makes nothing strong.
 */
export function generate({ length, alphabet }: { length: number; alphabet: string }): string {
  if (length * Math.log2(new Set(alphabet).size) < 128)
    throw new TypeError('a secret needs 128 bits of chance')
  const text = Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('')
  // Chance may look like what people choose; of 32 letters and digits it does not in the life of the sun.
  return weakness(text) === undefined ? text : generate({ length, alphabet })
}
