/** How a person says what a schema expects: "an integer from 1 to 65535", "one of `ssh`, `local`". */
export function expected(schema: unknown): string {
  if (!isRecord(schema)) return 'something else'
  if (schema.format === 'secret') return 'a secret source'
  if (Array.isArray(schema.enum))
    return `one of ${schema.enum.map((value) => `\`${String(value)}\``).join(', ')}`
  if ('const' in schema) return `\`${String(schema.const)}\``
  const branches = schema.anyOf ?? schema.oneOf
  if (Array.isArray(branches)) return branches.map(expected).join(' or ')
  const types = Array.isArray(schema.type) ? schema.type : [schema.type]
  return types
    .map((type) => `${typeWords[String(type)] ?? 'another value'}${limits(schema, String(type))}`)
    .join(' or ')
}

/** How a person says what a value is; `shown: false` where it may be a secret in the wrong place. */
export function got(value: unknown, shown = true): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  if (!shown) return typeof value === 'string' ? 'text' : `a ${typeof value}`
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text
}

/** ["apps", "0", "port"] in these variables → "apps[0].port". */
export function pathText(path: readonly string[], root: unknown): string {
  let text = ''
  let value = root
  for (const segment of path) {
    text += Array.isArray(value) ? `[${segment}]` : `${text === '' ? '' : '.'}${segment}`
    value = isRecord(value) || Array.isArray(value) ? Reflect.get(value, segment) : undefined
  }
  return text
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  null: 'nothing',
}

function limits(schema: Readonly<Record<string, unknown>>, type: string): string {
  if (type === 'string' && typeof schema.pattern === 'string') return ` that matches /${schema.pattern}/`
  if (type === 'array' && isRecord(schema.items)) return ` of which each is ${expected(schema.items)}`
  if (type !== 'integer' && type !== 'number') return ''
  const { minimum, maximum } = schema
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`
  if (minimum !== undefined) return ` of at least ${minimum}`
  return maximum === undefined ? '' : ` of at most ${maximum}`
}
