/** The block that follows a head in nginx's configuration, braces included; undefined where there is none. */
export function block(text: string, head: string): string | undefined {
  const start = text.indexOf(`${head} {`)
  return start < 0 ? undefined : text.slice(start, endOf(text, start))
}

/** Every server block. */
export function servers(text: string): readonly string[] {
  return [...text.matchAll(/^ *server \{/gm)].map(({ index }) => text.slice(index, endOf(text, index)))
}

function endOf(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === '{') depth += 1
    if (text[at] === '}' && --depth === 0) return at + 1
  }
  return text.length
}
