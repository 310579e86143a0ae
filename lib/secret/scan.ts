/** What stands in the place of a secret. */
export const shown = '[secret]'

/** Windows of this many characters are looked at; no pattern may be shorter. */
const width = 4

/**
 * One pass over a text for any number of patterns. A table of 64 Ki marks tells for the last four characters whether
 * some pattern might begin with them; only then is it looked up which. Secrets that overlap go together.
 */
export class Scan {
  readonly #marks = new Uint8Array(1 << 16)
  /** by their first four characters, the longest first */
  readonly #patterns = new Map<string, string[]>()

  add(pattern: string): void {
    const head = pattern.slice(0, width)
    const same = this.#patterns.get(head) ?? []
    if (pattern.length < width || same.includes(pattern)) return
    same.push(pattern)
    same.sort((a, b) => b.length - a.length)
    this.#patterns.set(head, same)
    let mark = 0
    for (let index = 0; index < width; index += 1) mark = slid(mark, head.charCodeAt(index))
    this.#marks[mark] = 1
  }

  replace(text: string): string {
    let out = ''
    let told = 0 // up to where `out` speaks for the text
    let begin = -1 // the match under way
    let end = -1
    let mark = 0
    for (let index = 0; index < text.length; index += 1) {
      mark = slid(mark, text.charCodeAt(index))
      if (this.#marks[mark] === 0 || index < width - 1) continue
      const at = index - width + 1
      const length = this.#lengthAt(text, at)
      if (length === 0) continue
      if (at > end) {
        if (begin >= 0) {
          out += text.slice(told, begin) + shown
          told = end
        }
        begin = at
      }
      end = Math.max(end, at + length)
    }
    if (begin < 0) return text
    return out + text.slice(told, begin) + shown + text.slice(end)
  }

  #lengthAt(text: string, at: number): number {
    const patterns = this.#patterns.get(text.slice(at, at + width))
    return patterns?.find((pattern) => text.startsWith(pattern, at))?.length ?? 0
  }
}

/** Four bits a step: what is four characters back has been shifted out. */
function slid(mark: number, char: number): number {
  return ((mark << 4) ^ char) & 0xffff
}
