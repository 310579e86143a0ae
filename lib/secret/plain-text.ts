/** What gives a secret in plain text away, whatever file it stands in. */
const shapes: readonly (readonly [what: string, shape: RegExp])[] = [
  ['a private key of age', /AGE-SECRET-KEY-(PQ-)?1[A-Z0-9]{20,}/i],
  ['a private key', /-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY-----/],
  ["a cloud's access key", /\b(AKIA|ASIA)[A-Z0-9]{16}\b/],
  [
    'an access token',
    /\b(gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{40,}|glpat-[\w-]{20}|xox[abprs]-[\w-]{10,})/,
  ],
  ['an API key', /\bsk-(ant-|proj-)?[A-Za-z0-9_-]{24,}/],
]

/** A secret that lies open: where (from 1), and what it looks like; the text of it is not repeated. */
export interface Exposed {
  readonly line: number
  readonly column: number
  readonly what: string
}

/** Finds what looks like a secret, and values that are known to be one (of at least eight characters), by name. */
export function exposedIn(text: string, given: ReadonlyMap<string, string> = new Map()): readonly Exposed[] {
  const values = [...given].flatMap(([name, value]) =>
    value
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line.length >= 8 && !line.startsWith('-----'))
      .map((line) => [`the value of \`${name}\``, line] as const),
  )
  return text.split('\n').flatMap((content, index) => {
    for (const [what, shape] of shapes) {
      const column = content.search(shape) + 1
      if (column > 0) return [{ line: index + 1, column, what }]
    }
    const known = values.find(([, value]) => content.includes(value))
    return known === undefined
      ? []
      : [{ line: index + 1, column: content.indexOf(known[1]) + 1, what: known[0] }]
  })
}
