import { randomBytes } from 'node:crypto'

/** More output than this from one script is taken for a fault: it is held in memory, once as bytes, once as text. */
export const outputLimit = 64 * 1024 * 1024

/** The marks around the output of each script, random per session: no output can contain them by chance. */
export interface Marks {
  readonly begin: string
  readonly end: string
  /** closes the here-document that carries a script */
  readonly script: string
}

export function newMarks(): Marks {
  const id = randomBytes(16).toString('hex')
  return { begin: `quayside-${id}-begin\n`, end: `quayside-${id}-end `, script: `quayside-${id}-script` }
}

/** Shell text around a command of our own: both streams get the begin mark, and the end mark with the exit code. */
export function framed(command: string, marks: Marks): string {
  const begin = `printf '%s\\n' '${marks.begin.trimEnd()}'`
  const end = `printf '%s%03d\\n' '${marks.end}' "$code"`
  return `${begin}; ${begin} >&2\n${command}\ncode=$?; ${end}; ${end} >&2\n`
}

/**
 * Takes one stream's chunks and gives the bytes between the marks. What comes before the begin mark (a banner, a
 * background child of an earlier script) is no output of this script; what comes after the end mark is ignored.
 */
export class FrameReader {
  readonly #begin: Buffer
  readonly #end: Buffer
  readonly #held: Buffer[] = []
  #size = 0
  #pending: Buffer = Buffer.alloc(0)
  #before = ''
  #begun = false
  #code: number | undefined

  constructor(marks: Marks) {
    this.#begin = Buffer.from(marks.begin)
    this.#end = Buffer.from(marks.end)
  }

  /** the exit code, once the end mark was seen */
  get code(): number | undefined {
    return this.#code
  }

  get overflowed(): boolean {
    return this.#size > outputLimit
  }

  /** the first 2,000 characters that came before the begin mark */
  get before(): string {
    return this.#before
  }

  text(): string {
    return Buffer.concat(this.#held).toString('utf8')
  }

  push(chunk: Buffer): void {
    if (this.#code !== undefined || this.overflowed) return
    let data = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    if (!this.#begun) {
      this.#before = (this.#before + chunk.toString('utf8')).slice(0, 2000)
      const at = data.indexOf(this.#begin)
      if (at < 0) {
        this.#pending = data.subarray(Math.max(0, data.length - this.#begin.length + 1))
        return
      }
      this.#begun = true
      data = data.subarray(at + this.#begin.length)
    }
    const at = data.indexOf(this.#end)
    const keep = at < 0 ? Math.max(0, data.length - this.#end.length + 1) : at
    this.#hold(data.subarray(0, keep))
    this.#pending = data.subarray(keep)
    const tail = this.#pending.subarray(this.#end.length)
    if (at >= 0 && tail.length >= 4) this.#code = Number(tail.subarray(0, 3).toString('latin1'))
  }

  #hold(data: Buffer): void {
    if (data.length === 0) return
    this.#held.push(data)
    this.#size += data.length
    if (this.overflowed) this.#held.length = 0
  }
}
