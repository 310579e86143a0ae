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

/** A whole text as added lines: what a new file will hold. */
export function addedText(text: string): string {
  return shortened(
    text
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => `+${line}`),
  )
}

/** Lines of a diff as one text; past 400 lines the rest is only counted. */
export function shortened(lines: readonly string[]): string {
  if (lines.length <= mostLines) return lines.join('\n')
  return [...lines.slice(0, mostLines), ` … and ${lines.length - mostLines} lines more`].join('\n')
}
