import { type Content, isSecret, Secret } from '../secret/index.ts'

type Part = string | Secret

/** What `sh` interpolates: a word (quoted), a number, a list of words, or another script as it is. */
export type Word = string | number | Script | readonly (string | number)[]

/**
 * A POSIX sh script as a value. It is made by `sh`, which quotes what it interpolates; a Secret can only enter as
 * the standard input of a command (`feed`), never as an argument, so it is never in any process's argv.
 */
export class Script {
  readonly #parts: readonly Part[] | (() => readonly Part[])

  /** A function is asked for the parts each time they are needed, and by no one where nothing is run. */
  constructor(parts: readonly Part[] | (() => readonly Part[])) {
    this.#parts = parts
  }

  get parts(): readonly Part[] {
    return typeof this.#parts === 'function' ? this.#parts() : this.#parts
  }

  /** The text with its secrets in place: for the wire alone. */
  reveal(): string {
    return this.parts.map((part) => (part instanceof Secret ? part.reveal() : part)).join('')
  }

  /** The text as a person may see it. */
  toString(): string {
    return this.parts.map(String).join('')
  }

  /** The text with the fingerprint of each secret in its place: two scripts that do the same have the same. */
  fingerprint(): string {
    return this.parts.map((part) => (part instanceof Secret ? part.fingerprint() : part)).join('')
  }

  get empty(): boolean {
    return (
      typeof this.#parts !== 'function' &&
      this.#parts.every((part) => !(part instanceof Secret) && part.trim() === '')
    )
  }
}

/** Builds a Script; every interpolated string becomes one quoted word. */
export function sh(strings: TemplateStringsArray, ...words: readonly Word[]): Script {
  const parts: Part[] = []
  strings.forEach((piece, index) => {
    parts.push(piece)
    const word = words[index]
    if (word === undefined) {
      if (index < words.length) throw new TypeError('undefined stands in a script')
      return
    }
    if (isSecret(word)) throw new TypeError('a secret cannot be an argument of a command: give it to feed()')
    if (word instanceof Script) parts.push(...word.parts)
    else if (typeof word === 'string' || typeof word === 'number') parts.push(quote(String(word)))
    else if (word.some(isSecret))
      throw new TypeError('a secret cannot be an argument of a command: give it to feed()')
    else parts.push(word.map((each) => quote(String(each))).join(' '))
  })
  return new Script(parts)
}

/** Scripts one after another, a line each. */
export function lines(...scripts: readonly Script[]): Script {
  return new Script(scripts.filter((script) => !script.empty).flatMap((script) => [...script.parts, '\n']))
}

/** A script that is made when it is needed: one that carries much, in a plan that may never be applied. */
export function later(make: () => Script): Script {
  return new Script(() => make().parts)
}

/** Shell text taken as it is: for fixed text of our own, never for a value. */
export function raw(text: string): Script {
  return new Script([text])
}

/**
 * Standard input for the command before it, as a here-document in base64: stands last on its line, behind a
 * command that decodes (`base64 -d > file`). Any bytes, secrets too; nothing of it is in argv. `_` ends it: no line of
 * base64 can be that, and the same content always gives the same script.
 */
export function feed(content: Content | Uint8Array): Script {
  const encode = (value: string | Uint8Array) => wrap(Buffer.from(value).toString('base64'))
  const body = content instanceof Secret ? new Secret(encode(content.reveal()), 'encoded') : encode(content)
  return new Script([` <<'_'\n`, body, `\n_\n`])
}

/** A word that sh reads back as exactly this text. */
export function quote(word: string): string {
  if (word.includes('\0')) throw new TypeError('a NUL byte stands in a script')
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

function wrap(base64: string): string {
  return base64.replace(/(.{1000})/g, '$1\n')
}
