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

/** A secret that lies open: on which line (from 1), and what it looks like; the text of it is not repeated. */
export interface Exposed {
  readonly line: number
  readonly what: string
}

/** Finds what looks like a secret, and values that are known to be one (of at least eight characters), by name. */
export function exposedIn(text: string, known: ReadonlyMap<string, string> = new Map()): readonly Exposed[] {
  const values = [...known].flatMap(([name, value]) =>
    value
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line.length >= 8 && !line.startsWith('-----'))
      .map((line) => [`the value of \`${name}\``, line] as const),
  )
  return text.split('\n').flatMap((content, index) => {
    const what =
      shapes.find(([, shape]) => shape.test(content))?.[0] ??
      values.find(([, value]) => content.includes(value))?.[0]
    return what === undefined ? [] : [{ line: index + 1, what }]
  })
}
