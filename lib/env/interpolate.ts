/** The value of a variable, or undefined where none is set. */
export type Lookup = (name: string) => string | undefined

/** What Docker Compose makes of a text, and how often it put nothing in the place of a variable that is not set. */
export interface Interpolated {
  readonly text: string
  readonly unset: number
}

/** A text that Docker Compose refuses. The message says why, and repeats nothing of the text. */
export class InterpolationError extends Error {}

/**
 * Puts variables in the place of `$NAME`, `${NAME}` and `${NAME:-other}` (`-`, `:-`, `+`, `:+`, `?`, `:?`; they nest) as
 * Docker Compose does. `$$` is one dollar sign, and a dollar sign before anything else is itself. Throws an
 * InterpolationError.
 */
export function interpolate(template: string, lookup: Lookup): Interpolated {
  let unset = 0
  const text = substitute(template, lookup, () => {
    unset += 1
    return ''
  })
  return { text, unset }
}

const reference = /\$(?:(\$)|([A-Za-z_][A-Za-z0-9_]*)|(\{))/g

/** `nothing` is asked for what stands in the place of a variable that is not set. */
function substitute(template: string, lookup: Lookup, nothing: () => string): string {
  let out = ''
  let at = 0
  for (;;) {
    reference.lastIndex = at
    const match = reference.exec(template)
    if (match === null) return out + template.slice(at)
    out += template.slice(at, match.index)
    at = match.index + match[0].length
    const [, dollar, name, brace] = match
    if (dollar !== undefined) out += dollar
    else if (name !== undefined) out += lookup(name) ?? nothing()
    else if (brace !== undefined) {
      const end = closing(template, at)
      out += braced(template.slice(at, end), lookup, nothing)
      at = end + 1
    }
  }
}

/**
 * Where the brace that was opened before `from` is closed. Compose looks no further than the end of the line, does not
 * see a brace right after an opening one, and where its count comes out wrong takes the last of the line.
 */
function closing(template: string, from: number): number {
  const [line = ''] = template.slice(from).split('\n', 1)
  let open = 1
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '}') open -= 1
    if (open === 0) return from + at
    if (line[at] === '{') {
      open += 1
      at += 1
    }
  }
  const last = line.lastIndexOf('}')
  if (last < 0) throw new InterpolationError('a `${` is never closed')
  return from + last
}

/** `NAME`, or `NAME`, an operator and the other text. */
function braced(inside: string, lookup: Lookup, nothing: () => string): string {
  const match = /^([A-Za-z_][A-Za-z0-9_]*)(?:(:?)([-+?])(.*))?$/s.exec(inside)
  if (match === null) throw new InterpolationError('what stands in `${…}` is no name of a variable')
  const [, name = '', colon, operator, other = ''] = match
  const value = lookup(name)
  const there = value !== undefined && (colon !== ':' || value !== '')
  if (operator === undefined) return value ?? nothing()
  if (operator === '+') return there ? substitute(other, lookup, nothing) : ''
  if (there) return value
  if (operator === '-') return substitute(other, lookup, nothing)
  throw new InterpolationError('`${…?…}` wants a variable that is not set')
}
