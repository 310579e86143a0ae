/**
 * The `key=value` words of a text: white space parts them, but not within quotes, brackets or braces. Quotes around a
 * value go: `greeting='hello world'`.
 */
export function wordsOf(
  text: string,
): readonly { readonly key: string; readonly value: string | undefined }[] {
  return pieces(text).map((word) => {
    const at = word.indexOf('=')
    if (at < 0) return { key: word, value: undefined }
    return { key: word.slice(0, at), value: unquoted(word.slice(at + 1)) }
  })
}

function pieces(text: string): readonly string[] {
  const found = ['']
  let quote = ''
  let depth = 0
  for (const letter of text) {
    if (quote === '' && depth === 0 && /\s/.test(letter)) {
      found.push('')
      continue
    }
    if (quote !== '') quote = letter === quote ? '' : quote
    else if ((letter === '"' || letter === "'") && opens(found.at(-1) ?? '', depth)) quote = letter
    else if ('[{'.includes(letter)) depth++
    else if (']}'.includes(letter)) depth = Math.max(0, depth - 1)
    found[found.length - 1] += letter
  }
  return found.filter((word) => word !== '')
}

/** A quote within a word is a letter like any other: `name=O'Neil`. */
function opens(before: string, depth: number): boolean {
  return depth > 0 || before.endsWith('=')
}

function unquoted(value: string): string {
  const quoted = /^(["'])([\s\S]*)\1$/.exec(value)
  return quoted?.[2] ?? value
}
