import { parseDocument } from 'yaml'
import { isRecord } from './words.ts'

/**
 * A text from the command line as the value that a schema expects: text stays text where only that is allowed, so "1.10"
 * and "007" keep their spelling; anything else is read as YAML has it. A value that the schema then refuses is given
 * back as it was typed, to be told to the person.
 */
export function typed(text: string, schema: unknown): unknown {
  const fitting = listed(schema).find((value) => String(value) === text)
  if (fitting !== undefined) return fitting
  const kinds = kindsOf(schema)
  const document = parseDocument(text, { prettyErrors: false })
  const value: unknown = document.errors.length > 0 ? text : document.toJS()
  // Where text is allowed, what YAML has for text keeps the spelling: quotes, and what looks like a comment.
  const isText = typeof value === 'string' || !kinds.has(kindOf(value))
  return kinds.has('string') && isText ? text : value
}

/** The values that enum and const name, in any branch. */
function listed(schema: unknown): readonly unknown[] {
  if (!isRecord(schema)) return []
  if (Array.isArray(schema.enum)) return schema.enum
  return 'const' in schema ? [schema.const] : branches(schema).flatMap(listed)
}

/** The JSON types that a schema allows; none known where it says nothing of it. */
function kindsOf(schema: unknown): ReadonlySet<string> {
  if (!isRecord(schema)) return new Set()
  const own = [schema.type].flat().filter((type) => typeof type === 'string')
  const values = [
    ...(Array.isArray(schema.enum) ? schema.enum : []),
    ...('const' in schema ? [schema.const] : []),
  ]
  return new Set(
    [...own, ...values.map(kindOf), ...branches(schema).flatMap((branch) => [...kindsOf(branch)])].map(
      (kind) => (kind === 'integer' ? 'number' : kind),
    ),
  )
}

function branches(schema: Readonly<Record<string, unknown>>): readonly unknown[] {
  return [schema.anyOf, schema.oneOf].flatMap((each) => (Array.isArray(each) ? each : []))
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}
