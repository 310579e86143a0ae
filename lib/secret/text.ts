import { printed } from './printed.ts'
import { type Content, Secret } from './secret.ts'

/**
 * A tagged template for file contents: one leading newline and the common indentation go, an interpolated text of
 * several lines keeps the indentation of its place, and the result is a Secret as soon as one part is. What no text
 * should ever show (undefined, null, NaN, a list, a mapping) throws a TypeError that says where it stands.
 *
 *     text`
 *       requirepass ${password}
 *     `
 */
export function text(strings: TemplateStringsArray, ...values: readonly (Content | number)[]): Content {
  const indent = commonIndent(strings)
  let out = ''
  let secret = false
  strings.forEach((part, index) => {
    let piece = part.replaceAll(`\n${indent}`, '\n')
    if (index === 0) piece = piece.replace(/^\n/, '')
    if (index === strings.length - 1) piece = piece.replace(/\n[ \t]*$/, '\n')
    out += piece
    if (index >= values.length) return
    const value = values[index]
    if (value instanceof Secret) secret = true
    const plain = value instanceof Secret ? value.reveal() : printed(value, placeIn(strings, index))
    const column = /(?:^|\n)([ \t]*)$/.exec(out)?.[1] ?? ''
    out += plain.replace(/\n(?!\n|$)/g, `\n${column}`)
  })
  return secret ? new Secret(out, 'composed') : out
}

/** Text from pieces of which none may be secret: a Secret among them is a mistake, and thrown. */
export function plain(strings: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  const content = text(strings, ...values)
  if (content instanceof Secret) throw new TypeError('a secret stands in a text that must be printable')
  return content
}

/**
 * Joins contents with a separator; a Secret among them makes the whole a Secret. What no text should ever show
 * (undefined, say) throws a TypeError that says which part it is.
 */
export function join(parts: readonly Content[], separator: string): Content {
  const whole = Array.from(parts, (part, index) =>
    part instanceof Secret ? part.reveal() : printed(part, `as part ${index + 1} of a joined text`),
  ).join(separator)
  return parts.some((part) => part instanceof Secret) ? new Secret(whole, 'composed') : whole
}

/** Where a value stands, told by the line and the words before it: 'in line 3 of a text, after "port "'. */
function placeIn(strings: TemplateStringsArray, index: number): string {
  const lines = strings
    .slice(0, index + 1)
    .join('…')
    .split('\n')
  const before = (lines.at(-1) ?? '').trimStart().slice(-30)
  return `in line ${lines.length} of a text${before === '' ? '' : `, after ${JSON.stringify(before)}`}`
}

function commonIndent(strings: TemplateStringsArray): string {
  const indents = [...strings.join('\u0000').matchAll(/\n([ \t]*)(?=[^ \t\n])/g)].map(
    (match) => match[1] ?? '',
  )
  return indents.reduce((least, indent) => (indent.length < least.length ? indent : least), indents[0] ?? '')
}
