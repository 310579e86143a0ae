import { stripVTControlCharacters } from 'node:util'
import { displayWidth } from './width.ts'

/** What the screen needs of a terminal: its size now, and a way to write. */
export interface Terminal {
  size(): { readonly columns: number; readonly rows: number }
  write(text: string): void
}

const hideCursor = '\u001b[?25l'
const showCursor = '\u001b[?25h'
/** Terminals that know it show all between the two at once; the others ignore it. */
const beginFrame = '\u001b[?2026h'
const endFrame = '\u001b[?2026l'
const clearLine = '\u001b[K'
/** A line that turns out wider than was thought is cut by the terminal, not wrapped. */
const cutLines = '\u001b[?7l'
const wrapLines = '\u001b[?7h'
const clearBelow = '\u001b[J'

/**
 * Lines that scroll up, and a block that stays below them. All of a frame is one write, each line is overwritten
 * rather than erased first, so that nothing flickers.
 */
export class Screen {
  readonly #terminal: Terminal
  #block: readonly string[] = []
  #shown = false

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  /** Puts finished lines above the block, and the block as it is now. */
  draw(above: string, block: readonly string[]): void {
    if (above === '' && !this.#shown && block.length === 0) return
    // Finished lines may wrap: what they are written over is cleared first. The block alone is overwritten in place.
    const text = above === '' ? '' : `${clearBelow}${above.replace(/\n?$/, '\n')}`
    const rows = block.map((line) => `${line}${clearLine}`).join('\n')
    const cursor = block.length === 0 ? showCursor : hideCursor
    const body = `${this.#home()}${text}${cutLines}${rows}${wrapLines}${clearBelow}`
    this.#terminal.write(`${beginFrame}${cursor}${body}${endFrame}`)
    this.#block = block
    this.#shown = block.length > 0
  }

  /** Takes the block away; the cursor stands where the block began, and is seen. */
  clear(): void {
    if (!this.#shown) return
    this.#terminal.write(`${this.#home()}${clearBelow}${showCursor}`)
    this.#block = []
    this.#shown = false
  }

  /** To the block's first row. A terminal that was made narrower has wrapped the block's lines into more rows. */
  #home(): string {
    if (!this.#shown) return ''
    const size = this.#terminal.size()
    const columns = Math.max(1, size.columns)
    const rows = this.#block.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(displayWidth(stripVTControlCharacters(line)) / columns)),
      0,
    )
    const up = Math.min(rows, Math.max(1, size.rows)) - 1
    return up > 0 ? `\r\u001b[${up}A` : '\r'
  }
}
