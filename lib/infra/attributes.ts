import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { redact } from '../secret/index.ts'
import type { RawChange } from './plan-json.ts'

/** One attribute that a plan changes: "tags.name", "ingress[0].from_port". Its values are as they are shown. */
export interface Attribute {
  readonly path: string
  /** undefined where there is none yet */
  readonly before: string | undefined
  /** undefined where there will be none */
  readonly after: string | undefined
  /** it cannot change in place: for it the whole thing is made anew */
  readonly forces: boolean
}

const hidden = '(sensitive)'
const unknown = '(known when it is made)'
const longest = 90

interface Marks {
  readonly before: unknown
  readonly after: unknown
  readonly unknown: unknown
}

/** What a change does to each attribute; those that stay are left out. No value that is marked sensitive is in it. */
export function attributesOf(change: RawChange): readonly Attribute[] {
  const found: Attribute[] = []
  const forcing = (change.replace_paths ?? []).map(pathOf)
  const walk = (path: string, before: unknown, after: unknown, marks: Marks): void => {
    const secret = marks.before === true || marks.after === true
    const later = marks.unknown === true
    const add = (was: string | undefined, is: string | undefined) =>
      found.push({ path, before: was, after: is, forces: forcing.some((each) => isWithin(path, each)) })
    if (secret) {
      const stays = isDeepStrictEqual(before ?? null, after ?? null) && !anyTrue(marks.unknown)
      if (!stays)
        add(
          before == null ? undefined : hidden,
          after == null && !anyTrue(marks.unknown) ? undefined : hidden,
        )
      return
    }
    if (later) return void add(shown(before, undefined), unknown)
    if (!isHolder(before) && !isHolder(after) && !isHolder(marks.unknown)) {
      if (!isDeepStrictEqual(before ?? null, after ?? null)) add(shown(before, after), shown(after, before))
      return
    }
    const keys = new Set([...keysOf(before), ...keysOf(after), ...keysOf(marks.unknown)])
    if (keys.size === 0 && !isDeepStrictEqual(before ?? null, after ?? null))
      return void add(shown(before, after), shown(after, before))
    for (const key of keys)
      walk(step(path, key, after ?? before ?? marks.unknown), at(before, key), at(after, key), {
        before: at(marks.before, key),
        after: at(marks.after, key),
        unknown: at(marks.unknown, key),
      })
  }
  walk('', change.before, change.after, {
    before: change.before_sensitive,
    after: change.after_sensitive,
    unknown: change.after_unknown,
  })
  return found
}

/**
 * A value on one line; of a long text that changes, the part around the first difference, and a few digits of its sum: two
 * plans that read the same are the same.
 */
function shown(value: unknown, other: unknown): string | undefined {
  if (value === null || value === undefined) return undefined
  const text = printable(value)
  if (text.length <= longest) return text
  const against = other === null || other === undefined ? '' : printable(other)
  const differs = [...text].findIndex((char, index) => char !== against[index])
  const start = against === '' || differs < longest / 2 ? 0 : differs - 20
  const sum = createHash('sha256').update(text).digest('hex').slice(0, 12)
  return `${start === 0 ? '' : '…'}${text.slice(start, start + longest)}… (${text.length} characters, sha256 ${sum})`
}

/**
 * A value as JSON without what a terminal would act on, and without what is marked sensitive elsewhere: before it is
 * shortened, since half a secret is found no more.
 */
function printable(value: unknown): string {
  return redact(JSON.stringify(value)).replaceAll(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function pathOf(steps: readonly (string | number)[]): string {
  return steps.reduce<string>((path, key) => step(path, String(key), typeof key === 'number' ? [] : {}), '')
}

function step(path: string, key: string, holder: unknown): string {
  if (Array.isArray(holder)) return `${path}[${key}]`
  const name = /^[\w-]+$/.test(key) ? key : printable(key)
  return path === '' ? name : `${path}.${name}`
}

function isWithin(path: string, forcing: string): boolean {
  return path === forcing || path.startsWith(`${forcing}.`) || path.startsWith(`${forcing}[`)
}

function isHolder(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function keysOf(value: unknown): readonly string[] {
  return isHolder(value) ? Object.keys(value) : []
}

function at(value: unknown, key: string): unknown {
  // One mark may stand for all that is below it.
  if (value === true) return true
  return isHolder(value) ? Reflect.get(value, key) : undefined
}

function anyTrue(mark: unknown): boolean {
  return mark === true || (isHolder(mark) && Object.values(mark).some(anyTrue))
}
