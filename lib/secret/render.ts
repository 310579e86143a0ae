import { QuaysideError } from '../error.ts'
import { didYouMean } from '../nearest.ts'
import { kindOf, printed } from './printed.ts'
import { type Content, Secret } from './secret.ts'

/** A template that cannot be rendered; place and name, and no value. */
export class TemplateError extends QuaysideError {
  /** "motd.tmpl" */
  readonly template: string
  readonly line: number
  readonly column: number

  constructor(at: { template: string; line: number; column: number }, message: string, hint?: string) {
    super(`${at.template}:${at.line}:${at.column}: ${message}`, hint === undefined ? {} : { hint })
    this.template = at.template
    this.line = at.line
    this.column = at.column
  }
}

const tag = /\{\{([\s\S]*?)\}\}|\{[{%#]/g
const name = /^[A-Za-z_$][\w$]*(\.[\w$]+)*$/
const literal = /^(?:"([^"\\]*)"|'([^'\\]*)')$/

/**
 * Fills in a template that stands in a file of its own: `{{ name }}` and `{{ a.b }}` are replaced by what `vars` holds
 * there; `{{ "{{" }}` gives the braces themselves. Nothing else has a meaning: what decides and repeats belongs to the
 * role, in TypeScript, where it is checked. A name that is not defined, and a value that is no text, number or boolean,
 * throws a TemplateError with line, column and the nearest name. A text of several lines keeps the indentation of its
 * place. The result is a Secret as soon as one value is.
 */
export function render(
  text: string,
  vars: Readonly<Record<string, unknown>>,
  template = 'template',
): Content {
  let out = ''
  let last = 0
  let secret = false
  for (const found of text.matchAll(tag)) {
    const at = { template, ...placeOf(text, found.index) }
    if (found[1] === undefined) throw unknownTag(found[0], at)
    out += text.slice(last, found.index)
    last = found.index + found[0].length
    const value = lookUp(found[1].trim(), vars, at)
    if (value instanceof Secret) secret = true
    const shown = value instanceof Secret ? value.reveal() : value
    const column = /(?:^|\n)([ \t]*)$/.exec(out)?.[1] ?? ''
    out += shown.replace(/\n(?!\n|$)/g, `\n${column}`)
  }
  out += text.slice(last)
  return secret ? new Secret(out, 'composed') : out
}

type At = ConstructorParameters<typeof TemplateError>[0]

function lookUp(expression: string, vars: unknown, at: At): Content {
  const quoted = literal.exec(expression)
  if (quoted !== null) return quoted[1] ?? quoted[2] ?? ''
  if (!name.test(expression))
    throw new TemplateError(
      at,
      `\`{{ ${expression} }}\` is not a name`,
      'a template takes names and `a.b` alone; compute the rest in the role, or write `{{ "{{" }}` for braces',
    )
  const path = expression.split('.')
  let value = vars
  for (const [depth, key] of path.entries()) {
    const here = path.slice(0, depth + 1).join('.')
    if (
      typeof value !== 'object' ||
      value === null ||
      value instanceof Secret ||
      !Object.hasOwn(value, key)
    ) {
      const known =
        typeof value === 'object' && value !== null && !(value instanceof Secret) ? Object.keys(value) : []
      throw new TemplateError(
        at,
        `\`${here}\` is not defined`,
        didYouMean(key, known) ?? defined(path, depth, known),
      )
    }
    value = Reflect.get(value, key)
  }
  if (value instanceof Secret) return value
  try {
    return printed(value, '')
  } catch {
    const hint = value === undefined ? undefined : 'a template takes text, numbers and booleans'
    throw new TemplateError(at, `\`${expression}\` is ${kindOf(value)}`, hint)
  }
}

function defined(path: readonly string[], depth: number, known: readonly string[]): string {
  const where = depth === 0 ? 'defined' : `in \`${path.slice(0, depth).join('.')}\``
  return known.length === 0 ? `nothing is ${where}` : `${where}: ${known.join(', ')}`
}

function unknownTag(opening: string, at: At): TemplateError {
  if (opening === '{{')
    return new TemplateError(at, '`{{` is not closed', 'for the braces themselves: `{{ "{{" }}`')
  const what = opening === '{%' ? 'statements' : 'comments'
  return new TemplateError(
    at,
    `\`${opening}\` has no meaning here: a template has no ${what}`,
    opening === '{%'
      ? 'decide and repeat in the role: text`…` takes any expression'
      : 'use a comment of the file itself',
  )
}

function placeOf(text: string, index: number): { line: number; column: number } {
  const before = text.slice(0, index).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}
