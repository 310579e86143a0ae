import { isSecret } from '../secret/index.ts'

/** A user or group: a name, or a number as containers use them. */
export type Account = string | number

/** The path itself when it is absolute and says plainly where it leads; a TypeError otherwise. */
export function absolutePath(path: string, what = 'path'): string {
  const plain = /^\/(?:[^/\0\n]+(?:\/[^/\0\n]+)*)?$/.test(path) && !/\/\.\.?(?:\/|$)/.test(path)
  if (!plain)
    throw new TypeError(`${what} must be absolute, without "..", "//" or a last "/": ${shown(path)}`)
  return path
}

/** A mode as octal digits for chmod: 0o640 gives "0640". */
export function octal(mode: number): string {
  if (!Number.isInteger(mode) || mode < 0 || mode > 0o7777) {
    throw new TypeError(`mode must be a number from 0o0 to 0o7777: ${shown(mode)}`)
  }
  // 644 is 0o1204: the sticky bit without rwx for the owner comes from a forgotten 0o, never from a person's wish.
  if ((mode & 0o1000) !== 0 && (mode & 0o700) !== 0o700) {
    throw new TypeError(`mode ${mode} is decimal: write 0o${mode}`)
  }
  return mode.toString(8).padStart(4, '0')
}

/** A user or group as chown takes it; a number as hosts show it: "007" is 7. */
export function account(value: Account, what: string): string {
  const name = String(value)
  if (/^\d{1,10}$/.test(name) && Number(name) <= greatestId) return String(Number(name))
  if (!/^[a-z_][a-z0-9_-]{0,31}$/i.test(name)) {
    throw new TypeError(`${what} must be a name or a number up to ${greatestId}: ${shown(value)}`)
  }
  return name
}

/** 2^32 - 1 stands for "no such user" in the kernel. */
const greatestId = 4_294_967_294

/** The value itself when it matches; a TypeError that says what it must be otherwise. */
export function matching(value: string, pattern: RegExp, what: string): string {
  if (typeof value !== 'string' || !pattern.test(value)) {
    throw new TypeError(`${what} must match ${pattern.source}: ${shown(value)}`)
  }
  return value
}

/** The value itself when it is a whole number within the limits. */
export function whole(value: number, least: number, most: number, what: string): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new TypeError(`${what} must be a whole number from ${least} to ${most}: ${shown(value)}`)
  }
  return value
}

/** The text itself when it is one line. */
export function oneLine(value: string, what: string): string {
  if (typeof value !== 'string' || /[\n\r\0]/.test(value)) {
    throw new TypeError(`${what} must be one line: ${shown(value)}`)
  }
  return value
}

function shown(value: unknown): string {
  return isSecret(value) ? String(value) : JSON.stringify(value)
}
