import type { Place } from '../inventory/fault.ts'
import { escaped } from './escapes.ts'
import { InterpolationError, interpolate, type Lookup } from './interpolate.ts'

/** One assignment of a file. */
export interface Entry {
  readonly name: string
  /** as Docker Compose takes it: unquoted, its variables put in; undefined for a name alone, which the shell fills */
  readonly value: string | undefined
  /** where the name stands */
  readonly place: Place
  readonly valuePlace: Place
  /** variables that it refers to and that are set nowhere: Compose puts nothing in their place */
  readonly unset: number
  /** offsets in the text: from the name, or `export` before it, to the end of the value */
  readonly start: number
  readonly end: number
}

/** What Docker Compose refuses, or takes for something that nobody means. No value is ever repeated. */
export interface DotenvFault extends Place {
  readonly message: string
  readonly hint: string
}

export interface Dotenv {
  readonly entries: readonly Entry[]
  readonly faults: readonly DotenvFault[]
}

// What Go, and so Compose, takes for white space: JavaScript's \s has another idea of U+0085 and U+FEFF.
const spaces = /[\t-\r \u0085\p{Z}]*/uy
const spacesAtEnd = /[\t-\r \u0085\p{Z}]+$/u
// And what for blanks within a line.
const blanks = /[\t\v\f\r \u0085\u00a0]*/uy
const exported = /export[\t\v\f\r \u0085\u00a0]+/uy
const words = /[\p{L}\p{N}_.[\]\t\v\f\r \u0085\u00a0-]*/uy

/**
 * Reads an env file as Docker Compose does (compose-go's dotenv): `NAME=value` and `NAME: value`, `export` before it,
 * comments at the start of a line and after a blank, 'literal' and "escaped" values of several lines, variables of
 * `lookup` (the shell's, which come first) and of the lines above. Where Compose would give up, this goes on with the
 * next line, so that all faults are found.
 */
export function readDotenv(file: string, text: string, lookup: Lookup = () => undefined): Dotenv {
  return new Reader(file, text, lookup).read()
}

class Reader {
  readonly #file: string
  readonly #text: string
  readonly #lookup: Lookup
  readonly #known = new Map<string, string>()
  readonly #entries: Entry[] = []
  readonly #faults: DotenvFault[] = []

  constructor(file: string, text: string, lookup: Lookup) {
    this.#file = file
    this.#text = text
    this.#lookup = (name) => lookup(name) ?? this.#known.get(name)
  }

  read(): Dotenv {
    let at = this.#text.startsWith('\uFEFF') ? 1 : 0
    for (;;) {
      at = this.#nextStatement(at)
      if (at >= this.#text.length) return { entries: this.#entries, faults: this.#faults }
      at = this.#statement(at)
    }
  }

  #nextStatement(from: number): number {
    let at = from
    for (;;) {
      at = this.#after(spaces, at)
      if (this.#text[at] !== '#') return at
      at = this.#lineEnd(at)
    }
  }

  /** Reads what starts here, and gives the offset behind it. */
  #statement(start: number): number {
    const from = this.#after(exported, start)
    const to = this.#after(words, from)
    const name = this.#text.slice(from, to).replace(spacesAtEnd, '')
    const place = this.#place(from)
    const sign = this.#text[to]
    if (sign !== '=' && sign !== ':') return this.#noAssignment(start, to, name, place)
    if (name === '' || name.includes(' '))
      return this.#fault(
        from,
        name === '' ? 'no name stands before the value' : 'a name cannot have a space in it',
        'NAME=value, and # before a comment',
      )
    const at = this.#after(blanks, to + 1)
    const quote = this.#text[at]
    const found =
      quote === '"' || quote === "'" ? this.#quoted(at, quote) : { raw: this.#unquoted(at), end: at }
    if (found === undefined)
      return this.#fault(at, `the value of ${shownName(name)} has no closing quote`, `close it with ${quote}`)
    const end = quote === '"' || quote === "'" ? found.end : at + found.raw.length
    const literal = quote === "'"
    const result = literal
      ? { text: found.raw, unset: 0 }
      : this.#interpolated(at, name, quote === '"' ? escaped(found.raw) : found.raw)
    if (result !== undefined) {
      const { text: value, unset } = result
      this.#known.set(name, value)
      this.#entries.push({ name, value, place, valuePlace: this.#place(at), unset, start, end })
    }
    return end
  }

  /** A line without = or : */
  #noAssignment(start: number, to: number, name: string, place: Place): number {
    const sign = this.#text[to]
    if (sign !== '\n' || name === '' || name.includes(' '))
      // What stands here may be a piece of a secret: it is not repeated.
      return this.#fault(
        sign === undefined || sign === '\n' ? start : to,
        'this is no NAME=value, so Docker Compose refuses the file',
        'put the value of several lines in quotes, or # before a comment',
      )
    const entry = { name, value: undefined, place, valuePlace: place, unset: 0, start, end: to }
    this.#entries.push(entry)
    return to
  }

  /** Up to a comment or the end of the line, without the blanks before it. */
  #unquoted(at: number): string {
    const line = this.#text.slice(at, this.#lineEnd(at))
    if (line.startsWith('#'))
      this.#fault(
        at,
        'Docker Compose takes this comment for the value: nothing stands before it',
        'give the comment a line of its own',
      )
    const comment = line.indexOf(' #')
    return (comment < 0 ? line : line.slice(0, comment)).replace(spacesAtEnd, '')
  }

  /** What stands between quotes, where only the quote itself is unescaped yet; undefined when they are never closed. */
  #quoted(at: number, quote: string): { raw: string; end: number } | undefined {
    let raw = ''
    for (let index = at + 1; index < this.#text.length; index++) {
      const char = this.#text[index] ?? ''
      if (char === quote) return { raw, end: index + 1 }
      const next = this.#text[index + 1]
      if (char !== '\\' || next === undefined) raw += char
      else {
        raw += next === quote ? quote : `\\${next}`
        index += 1
      }
    }
    return undefined
  }

  #interpolated(at: number, name: string, raw: string): { text: string; unset: number } | undefined {
    try {
      return interpolate(raw, this.#lookup)
    } catch (error) {
      if (!(error instanceof InterpolationError)) throw error
      const hint = 'for a dollar sign write $$, or put the value in single quotes'
      this.#fault(at, `Docker Compose refuses the value of ${shownName(name)}: ${error.message}`, hint)
      return undefined
    }
  }

  /** Notes what is wrong here, and gives the offset of the line's end. */
  #fault(at: number, message: string, hint: string): number {
    this.#faults.push({ ...this.#place(at), message, hint })
    return this.#lineEnd(at)
  }

  #after(pattern: RegExp, at: number): number {
    pattern.lastIndex = at
    return at + (pattern.exec(this.#text)?.[0].length ?? 0)
  }

  #lineEnd(at: number): number {
    const end = this.#text.indexOf('\n', at)
    return end < 0 ? this.#text.length : end
  }

  #place(offset: number): Place {
    const before = this.#text.slice(0, offset).replace(/^\uFEFF/, '')
    return {
      file: this.#file,
      line: before.split('\n').length,
      column: before.length - before.lastIndexOf('\n'),
    }
  }
}

/**
 * A name as it may be shown: one that looks like a variable's. A line of a key that lost its quotes, "MIIEvQ…=", is
 * read as a name, too, and is not repeated.
 */
export function shownName(name: string): string {
  return name.length <= 40 && /^([A-Z_][A-Z0-9_]*|[a-z_][a-z0-9_]*)$/.test(name) ? `\`${name}\`` : 'this name'
}
