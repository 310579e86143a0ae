import { displayWidth } from '../../../lib/report/width.ts'

const esc = '\u001b'
/** Control sequences, line ends, and text between them. */
const pieces = new RegExp(`${esc}\\[[?\\d;]*[A-Za-z]|[\\r\\n]|[^${esc}\\r\\n]+|${esc}`, 'g')

/** As much of a terminal as the live view needs: what stands on its screen, and whether the cursor is seen. */
export class Vt {
  readonly columns: number
  readonly rows: number
  cursorShown = true
  #lines: string[][] = [[]]
  #row = 0
  #column = 0
  #wraps = true

  constructor(columns: number, rows: number) {
    this.columns = columns
    this.rows = rows
  }

  /** All lines that were ever on it, the scrolled ones too. */
  get text(): string {
    return this.#lines
      .map((line) =>
        Array.from(line, (cell) => cell ?? ' ')
          .join('')
          .trimEnd(),
      )
      .join('\n')
      .trimEnd()
  }

  write(data: string): void {
    for (const [piece] of data.matchAll(pieces)) {
      if (piece === '\r') this.#column = 0
      else if (piece === '\n') this.#feed()
      else if (piece.startsWith(esc)) this.#control(piece)
      else this.#print(piece)
    }
  }

  #control(sequence: string): void {
    const kind = sequence.slice(-1)
    const given = sequence.slice(2, -1)
    if (kind === 'A') this.#row = Math.max(this.#top, this.#row - Number(given || 1))
    else if (kind === 'K') this.#line.length = Math.min(this.#line.length, this.#column)
    else if (kind === 'J') {
      this.#line.length = Math.min(this.#line.length, this.#column)
      this.#lines.length = this.#row + 1
    } else if (given === '?25') this.cursorShown = kind === 'h'
    else if (given === '?7') this.#wraps = kind === 'h'
    else if (given !== '?2026' && kind !== 'm') throw new Error(`not known here: ${JSON.stringify(sequence)}`)
  }

  /** The screen's first row among all lines. */
  get #top(): number {
    return Math.max(0, this.#lines.length - this.rows)
  }

  get #line(): string[] {
    const line = this.#lines[this.#row] ?? []
    this.#lines[this.#row] = line
    return line
  }

  #feed(): void {
    this.#row += 1
    // A real terminal's line discipline adds the carriage return.
    this.#column = 0
    while (this.#lines.length <= this.#row) this.#lines.push([])
  }

  #print(text: string): void {
    for (const { segment } of new Intl.Segmenter().segment(text)) {
      const width = displayWidth(segment)
      if (this.#column + width > this.columns) {
        if (this.#wraps) this.#feed()
        else this.#column = this.columns - width
      }
      this.#line[this.#column] = segment
      if (width === 2) this.#line[this.#column + 1] = ''
      this.#column += width
    }
  }
}
