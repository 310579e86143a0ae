import { isSource } from '../secret/source.ts'
import { isRecord } from './words.ts'

const hidden = '[secret]'

/**
 * A value as a person may see it: where its schema has a secret, a source stays (it is no secret where one is), and
 * anything else is hidden, since it may be the secret itself in the wrong place. Without a schema all is hidden: a
 * misspelt name may be a password's.
 */
export function shown(value: unknown, schema: unknown): unknown {
  if (!isRecord(schema)) return hidden
  if (schema.format === 'secret') return isSource(value) ? value : hidden
  const branches = [schema.anyOf, schema.oneOf].flatMap((each) => (Array.isArray(each) ? each : []))
  if (branches.length > 0 && mayBeSecret(branches) && !isSource(value)) return hidden
  if (Array.isArray(value)) return value.map((item) => shown(item, schema.items ?? {}))
  if (!isRecord(value)) return value
  const properties = isRecord(schema.properties) ? schema.properties : {}
  const others = isRecord(schema.additionalProperties) ? schema.additionalProperties : {}
  const strict = schema.additionalProperties === false
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      shown(item, properties[key] ?? (strict ? undefined : others)),
    ]),
  )
}

/** On one line, and no longer than that. */
export function brief(value: unknown, width = 60): string {
  const text = typeof value === 'string' && /^\S+$/.test(value) ? value : (JSON.stringify(value) ?? 'nothing')
  return text.length > width ? `${text.slice(0, width - 1)}…` : text
}

function mayBeSecret(schema: unknown): boolean {
  return JSON.stringify(schema).includes('"format":"secret"')
}
