/**
 * The text that a plan's diff makes of another one: hunks with context, or added lines alone for what is new. Throws
 * where the diff does not fit the text: then it did not say what is there.
 */
export function patched(before: string, diff: string): string {
  const lines = diff.split('\n')
  if (!lines.some((line) => line.startsWith('@@ '))) return added(lines)
  const old = linesOf(before)
  const result: string[] = []
  let at = 0
  for (const [index, line] of lines.entries()) {
    const head = /^@@ -(\d+),(\d+) \+\d+,\d+ @@$/.exec(line)
    // The head of a hunk that takes nothing away names the line before it.
    if (head !== null) {
      const start = Number(head[1]) - (head[2] === '0' ? 0 : 1)
      result.push(...old.slice(at, start))
      at = start
    } else if (line.startsWith(' \\ ')) continue
    else {
      const text = `${line.slice(1)}${endless(lines, index) ? '' : '\n'}`
      if (line.startsWith('+')) result.push(text)
      else {
        if (old[at] !== text)
          throw new Error(`the diff has ${JSON.stringify(text)} where ${JSON.stringify(old[at])} is`)
        if (line.startsWith(' ')) result.push(text)
        at += 1
      }
    }
  }
  return [...result, ...old.slice(at)].join('')
}

function added(lines: readonly string[]): string {
  return lines
    .map((line, index) => {
      if (line.startsWith(' \\ ')) return ''
      if (!line.startsWith('+')) throw new Error(`not an added line: ${JSON.stringify(line)}`)
      return `${line.slice(1)}${endless(lines, index) ? '' : '\n'}`
    })
    .join('')
}

function endless(lines: readonly string[], index: number): boolean {
  return lines[index + 1] === ' \\ No newline at end of file'
}

/** The lines of a text with their ends; the last one may have none. */
export function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}
