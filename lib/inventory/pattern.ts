import { UsageError } from '../error.ts'

/** One part of a host pattern: `web`, `&dc1`, `!web[0]`, `~web\d+`. */
export interface Term {
  /** how it joins what stands before it: added, kept only where also in it, or taken out */
  readonly how: 'union' | 'intersection' | 'exclusion'
  /** a name as it stands, or one that may match several: a glob, or a regular expression */
  readonly kind: 'name' | 'glob' | 'regex'
  /** as written, without `&` and `!`, and without the subscript */
  readonly text: string
  /** which of the hosts, by place: from and to inclusive; negative ones count from the end */
  readonly subscript: { readonly from: number; readonly to: number } | undefined
  matches(name: string): boolean
}

/**
 * Parses a host pattern as Ansible writes it: parts joined by `:` or `,`, of which those with `&` intersect and those
 * with `!` exclude, whatever their order. Without a part that adds hosts, all are there to begin with. Throws a
 * UsageError for what is no pattern.
 */
export function parsePattern(pattern: string): readonly Term[] {
  const terms = split(pattern).map((part) => parseTerm(part, pattern))
  if (terms.length === 0) throw new UsageError(`"${pattern}" names no host`, 'all hosts are `all`')
  const adding = terms.filter(({ how }) => how === 'union')
  const rest = ['intersection', 'exclusion'].flatMap((how) => terms.filter((term) => term.how === how))
  return [...(adding.length === 0 ? [parseTerm('all', pattern)] : adding), ...rest]
}

/** The parts of a pattern; a `:` or `,` within brackets, or within the groups of a regular expression, splits none. */
export function split(pattern: string): readonly string[] {
  const parts = ['']
  let depth = 0
  let escaped = false
  for (const letter of pattern) {
    const part = parts.at(-1) ?? ''
    const regex = /^\s*[&!]?\s*~/.test(part)
    if (!escaped && depth === 0 && (letter === ':' || letter === ',')) {
      parts.push('')
      continue
    }
    if (!escaped && (regex ? '[({' : '[').includes(letter)) depth++
    if (!escaped && (regex ? '])}' : ']').includes(letter)) depth = Math.max(0, depth - 1)
    escaped = regex && !escaped && letter === '\\'
    parts[parts.length - 1] = part + letter
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

const operators = { '&': 'intersection', '!': 'exclusion' } as const
const subscripted = /^(.+)\[(?:(-?\d+)|(-?\d*)([:-])(-?\d*))\]$/

function parseTerm(part: string, pattern: string): Term {
  const operator = part[0] === '&' || part[0] === '!' ? part[0] : undefined
  const how = operator === undefined ? 'union' : operators[operator]
  const text = (operator === undefined ? part : part.slice(1)).trim()
  if (text === '')
    throw new UsageError(
      `\`${operator}\` stands without a name in \`${pattern}\``,
      'for example `web:!web-1`',
    )
  if (text.startsWith('~')) {
    const regex = regexOf(text)
    return { how, kind: 'regex', text, subscript: undefined, matches: (name) => regex.test(name) }
  }
  const [, before, single, from = '', sign, to = ''] = subscripted.exec(text) ?? []
  if (before === undefined) return { how, ...named(text), subscript: undefined }
  if (sign === '-' || (single === undefined && from === '' && to === '')) {
    const hint = `from the second to the fourth host: \`${before}[1:3]\``
    throw new UsageError(`\`${text}\` is no range of hosts: it takes a colon and numbers`, hint)
  }
  const subscript =
    single === undefined
      ? { from: Number(from || '0'), to: Number(to || '-1') }
      : { from: Number(single), to: Number(single) }
  return { how, ...named(before), subscript }
}

function named(text: string): Pick<Term, 'kind' | 'text' | 'matches'> {
  if (!/[*?[]/.test(text)) return { kind: 'name', text, matches: (name) => name === text }
  const regex = globOf(text)
  return { kind: 'glob', text, matches: (name) => regex.test(name) }
}

/** Ansible matches from the start of the name, and not to its end. */
function regexOf(text: string): RegExp {
  try {
    return new RegExp(`^(?:${text.slice(1)})`)
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^.*: /, '') : ''
    throw new UsageError(`\`${text}\` is not a regular expression: ${why.toLowerCase()}`)
  }
}

/** A shell's glob: `*`, `?`, `[abc]` and `[!abc]`. */
function globOf(text: string): RegExp {
  const source = text.replace(
    /\[(!?)(\]?[^\]]*)\]|[\s\S]/g,
    (match, not: string, set: string | undefined) => {
      if (set !== undefined && set !== '')
        return `[${not === '' ? '' : '^'}${set.replace(/[\\[\]^]/g, '\\$&')}]`
      if (match === '*') return '.*'
      return match === '?' ? '.' : match.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')
    },
  )
  try {
    return new RegExp(`^${source}$`, 's')
  } catch {
    throw new UsageError(`\`${text}\` is not a glob: a set like \`[a-c]\` runs upwards`)
  }
}
