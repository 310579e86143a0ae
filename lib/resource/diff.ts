import { structuredPatch } from 'diff/lib/patch/create.js'

const mostLines = 400

/** What changed between two texts: hunks with three lines of context; empty when the texts are equal. */
export function unifiedDiff(before: string, after: string): string {
  if (before === after) return ''
  const patch = structuredPatch('', '', before, after, '', '', { context: 3, timeout: 500 })
  if (patch === undefined) return '(too different to show line by line)'
  return shortened(
    patch.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
      `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
      ...lines.map((line) => line.replace(/^\\ /, ' \\ ')),
    ]),
  )
}

/** A whole text as added lines: what a new file will hold. Nothing for an empty one. */
export function addedText(text: string): string {
  if (text === '') return ''
  const lines = text.split('\n').map((line) => `+${line}`)
  // The last piece is what stands behind the last line end: nothing, in a text whose last line is whole.
  if (text.endsWith('\n')) lines.pop()
  else lines.push(' \\ No newline at end of file')
  return shortened(lines)
}

/** Lines of a diff as one text; past 400 lines the rest is only counted. */
export function shortened(lines: readonly string[]): string {
  if (lines.length <= mostLines) return lines.join('\n')
  return [...lines.slice(0, mostLines), ` … and ${lines.length - mostLines} lines more`].join('\n')
}
