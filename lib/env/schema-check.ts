import { Ajv } from 'ajv'
import type { Property } from '../inventory/schema.ts'
import { expected } from '../inventory/words.ts'

// `made` says how a secret comes to be, and nothing of what its text must be.
const ajv = new Ajv({ strict: true, allowUnionTypes: true, code: { optimize: false } }).addVocabulary([
  'made',
])

/** Whether a text of an env file or a secret's file is what its property wants. */
export function fits(text: string, property: Property): boolean {
  return ajv.validate(property, typed(text, property))
}

/** What a property wants, for a person: "an integer from 1 to 65535", "one of `debug`, `info`". */
export function wanted(property: Property): string {
  return typeof property.title === 'string' ? property.title : expected(property)
}

/** What to write: "PORT=5432", by the property's examples or default. */
export function exampleFor(name: string, property: Property): string {
  const [example = property.default] = Array.isArray(property.examples) ? property.examples : []
  return `${name}=${example ?? '…'}`
}

/** Text as the type that the schema speaks of; what cannot be it stays text, and so is refused. */
function typed(text: string, { type }: Property): unknown {
  if (type === 'integer' && /^\d{1,15}$/.test(text)) return Number(text)
  if (type === 'number' && /^\d{1,15}(\.\d+)?$/.test(text)) return Number(text)
  if (type === 'boolean' && /^(true|false)$/.test(text)) return text === 'true'
  return text
}
