import { readFileSync, writeFileSync } from 'node:fs'

/** What a fault did to a deploy, as it was seen. */
export interface FaultRow {
  readonly fault: string
  readonly code: number
  readonly says: string
  readonly serves: string
  /** of clients that kept asking, and never again when one failed */
  readonly requests: number
  readonly failed: number
}

const page = new URL('../../docs/faults.md', import.meta.url)

/** Writes the part of docs/faults.md that is about blue-green; the others stay. */
export function writeFaults(rows: readonly FaultRow[]): void {
  const shown = rows.map(({ fault, code, says, serves, requests, failed }) => [
    fault,
    String(code),
    says.replace(/(fault-\d+)-\d+/g, '$1'),
    serves,
    `${failed} of ${requests}`,
  ])
  writeFileSync(
    page,
    withRows(
      readFileSync(page, 'utf8'),
      'Blue-green',
      shown.map(([name = '']) => name),
      shown,
    ),
  )
}

/** Puts rows into a table of docs/faults.md, each in the place of the one that is about the same. */
export function noteRows(
  section: string,
  order: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  writeFileSync(page, withRows(readFileSync(page, 'utf8'), section, order, rows))
}

/** The cells of the rows of a section's table. */
export function rowsOf(section: string): readonly (readonly string[])[] {
  return tableOf(partOf(readFileSync(page, 'utf8'), section))
}

/**
 * A page whose section `## NAME` has a table of these rows, in this order: rows that are given replace those whose first
 * cell is the same, and those that the order does not have are left out. All else stays as it is.
 */
export function withRows(
  text: string,
  section: string,
  order: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const part = partOf(text, section)
  const found = new Map([...tableOf(part), ...rows].map((cells) => [cells[0] ?? '', cells]))
  const lines = order.flatMap((name) => {
    const cells = found.get(name)
    return cells === undefined ? [] : [`| ${cells.map(escaped).join(' | ')} |`]
  })
  const head = /^[\s\S]*?\n\|[ :|-]+\|\n/.exec(part)?.[0]
  if (head === undefined) throw new Error(`docs/faults.md: "${section}" has no table`)
  const rest = part.slice(head.length).replace(/^(\|.*\n?)*/, '')
  return text.replace(part, () => `${head}${lines.map((line) => `${line}\n`).join('')}${rest}`)
}

function partOf(text: string, section: string): string {
  const part = text.split(/^(?=## )/m).find((each) => each.startsWith(`## ${section}\n`))
  if (part === undefined) throw new Error(`docs/faults.md has no section "${section}"`)
  return part
}

function tableOf(part: string): readonly (readonly string[])[] {
  const lines = part.split('\n').filter((line) => line.startsWith('|'))
  return lines.slice(2).map((line) =>
    line
      .replace(/^\| | \|$/g, '')
      .split(/ \| /)
      .map((cell) => cell.replaceAll('\\|', '|')),
  )
}

function escaped(cell: string): string {
  return cell.replaceAll('|', '\\|')
}
