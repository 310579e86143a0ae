import { formsOf, leastLength, linesOf } from './forms.ts'
import { Scan, shown } from './scan.ts'

/**
 * What a Secret was made from. `source`: the secret itself. `composed`: a text of ours in which secrets stand, each of
 * which is known by itself; of several lines, most are no secret. `encoded`: as `feed` sends it.
 */
export type Origin = 'source' | 'composed' | 'encoded'

const scan = new Scan()
const known = new Set<string>()
let empty = true
/** made but not looked for yet: a run that prints nothing never works out their forms */
let waiting: { value: string; origin: Origin }[] = []

/** Lets no later output show this value; each Secret calls it for itself. */
export function remember(value: string, origin: Origin): void {
  if (value.length < leastLength || known.has(value)) return
  if (origin === 'composed' && value.trim().includes('\n')) return
  known.add(value)
  waiting.push({ value, origin })
  empty = false
}

/**
 * The text with `[secret]` in the place of every secret of this process: a net below the types, for what programs on
 * hosts print. Call it where text leaves the process. Secrets of fewer than four characters are not found.
 */
export function redact(text: string): string {
  if (empty) return text
  for (const { value, origin } of waiting)
    for (const form of origin === 'encoded' ? linesOf(value) : formsOf(value)) scan.add(form)
  waiting = []
  return scan.replace(text)
}

/** The same for each text in data; an Error is changed in place, so that whoever prints it later is safe as well. */
export function redactDeep<T>(value: T): T {
  return empty ? value : (deep(value, new Set()) as T)
}

function deep(value: unknown, seen: Set<unknown>): unknown {
  if (typeof value === 'string') return redact(value)
  if (typeof value !== 'object' || value === null || seen.has(value)) return value
  seen.add(value)
  if (value instanceof Error) return inPlace(value, seen)
  if (Array.isArray(value)) {
    const items = value.map((item) => deep(item, seen))
    return items.some((item, index) => item !== value[index]) ? items : value
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  const pairs = Object.entries(value).map(([key, item]) => [redact(key), deep(item, seen)] as const)
  const same = Object.entries(value).every(
    ([key, item], index) => pairs[index]?.[0] === key && pairs[index]?.[1] === item,
  )
  return same ? value : Object.fromEntries(pairs)
}

function inPlace(error: Error, seen: Set<unknown>): Error {
  for (const key of new Set(['message', 'stack', 'cause', ...Object.keys(error)])) {
    const before: unknown = Reflect.get(error, key)
    const after = deep(before, seen)
    if (after === before || Reflect.set(error, key, after)) continue
    // It cannot be mended (frozen): another error speaks for it.
    return new Error(redact(error.message || shown))
  }
  return error
}
