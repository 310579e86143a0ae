import type { ErrorObject } from 'ajv'
import { sourceKeys } from '../secret/source.ts'
import { withoutBranches } from './branches.ts'
import type { FaultAbout, Faults, Place } from './fault.ts'
import { didYouMean } from './nearest.ts'
import { segments } from './validator.ts'
import { keyPlace, sourceOf, type Variable, valuePlace } from './variable.ts'
import { expected, got, isRecord, pathText } from './words.ts'

/** Turns what ajv found wrong within one variable into faults, at the place of the value or key in question. */
export function explain(variable: Variable, errors: readonly ErrorObject[], faults: Faults): void {
  if (variable.encrypted === true) {
    const hint =
      'give it in a plain .yaml file, or, where a part of it is secret, that part as { from_age: NAME }'
    faults.add(keyPlace(variable), `\`${variable.name}\` is no secret variable`, hint)
    return
  }
  for (const error of withoutBranches(errors)) {
    const { place, message, hint, about } = tell(variable, error)
    faults.add(place, message, hint, about)
  }
}

interface Told {
  readonly place: Place
  readonly message: string
  readonly hint?: string | undefined
  readonly about?: FaultAbout | undefined
}

function tell(variable: Variable, error: ErrorObject): Told {
  const whole = segments(error.instancePath)
  const path = whole.slice(1)
  const name = pathText(whole, { [variable.name]: variable.value })
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(variable, path, name, error)
    case 'required':
      return missingKey(variable, path, name, error)
    case 'secret':
      return wrongSource(variable, path, name, error)
    case 'propertyNames': {
      const key = String(error.params.propertyName)
      return {
        place: keyPlace(variable, [...path, key]),
        message: `\`${name}.${key}\`: this key is not allowed`,
      }
    }
    default: {
      const message = `\`${name}\`: ${mismatch(error)}`
      const hint = hintFor(error, variable, path)
      return {
        place: valuePlace(variable, path),
        message,
        hint,
        about: isPlain(error) ? 'plain-secret' : undefined,
      }
    }
  }
}

function unknownKey(variable: Variable, path: readonly string[], name: string, error: ErrorObject): Told {
  const key = String(error.params.additionalProperty)
  const known = Object.keys(propertiesOf(error.parentSchema))
  const list = known.length === 0 ? undefined : `known here: ${known.join(', ')}`
  const place = keyPlace(variable, [...path, key])
  return { place, message: `unknown key \`${name}.${key}\``, hint: didYouMean(key, known) ?? list }
}

function missingKey(variable: Variable, path: readonly string[], name: string, error: ErrorObject): Told {
  const key = String(error.params.missingProperty)
  const hint = `add \`${key}\`: ${expected(propertiesOf(error.parentSchema)[key])}`
  return { place: valuePlace(variable, path), message: `\`${name}.${key}\` is missing`, hint }
}

function wrongSource(variable: Variable, path: readonly string[], name: string, error: ErrorObject): Told {
  const { path: at, unknown } = sourceFault(error.params)
  const place = at.length > 0 ? keyPlace(variable, [...path, ...at]) : valuePlace(variable, path)
  const hint = unknown === undefined ? undefined : didYouMean(unknown, sourceKeys)
  return { place, message: `\`${[name, ...at].join('.')}\`: ${error.message}`, hint: hint ?? secretHint }
}

const secretHint = 'for example { from_env: NAME }, { from_file: path } or { generate: name }'

function mismatch(error: ErrorObject): string {
  const schema: unknown = error.parentSchema
  if (isRecord(schema) && schema.format === 'secret')
    return 'a secret is given by its source, never by its value'
  const shown = !mentionsSecret(schema)
  if (['type', 'enum', 'const', 'pattern', 'minimum', 'maximum', 'anyOf', 'oneOf'].includes(error.keyword)) {
    return `expected ${expected(schema)}, got ${got(error.data, shown)}`
  }
  if (error.keyword === 'minLength' && error.data === '') return 'expected some text, got ""'
  return (error.message ?? 'is not valid').replaceAll('NOT', 'not')
}

/** Something is written where a secret's source should be: the secret itself, most likely. */
function isPlain({ parentSchema, data }: ErrorObject): boolean {
  const schema: unknown = parentSchema
  return isRecord(schema) && schema.format === 'secret' && typeof data !== 'object' && data !== ''
}

function hintFor(error: ErrorObject, variable: Variable, path: readonly string[]): string | undefined {
  const schema: unknown = error.parentSchema
  if (!isRecord(schema)) return undefined
  if (schema.format === 'secret') return secretHint
  if (error.keyword !== 'type') return undefined
  const wanted = String(error.params.type)
  const source = sourceOf(variable, path)
  if (wanted === 'string' && (typeof error.data === 'number' || typeof error.data === 'boolean')) {
    return `put it in quotes: "${source ?? String(error.data)}"`
  }
  if (wanted === 'boolean' && typeof error.data === 'string' && /^(yes|no|on|off)$/i.test(error.data)) {
    return 'YAML 1.2 has only true and false'
  }
  const numeric = typeof error.data === 'string' && /^-?\d+(\.\d+)?$/.test(error.data)
  return (wanted === 'integer' || wanted === 'number') && numeric ? 'write it without quotes' : undefined
}

function sourceFault(params: unknown): { path: readonly string[]; unknown: string | undefined } {
  const { path, unknown } = isRecord(params) ? params : {}
  return {
    path: Array.isArray(path) ? path.map(String) : [],
    unknown: typeof unknown === 'string' ? unknown : undefined,
  }
}

function propertiesOf(schema: unknown): Readonly<Record<string, unknown>> {
  return isRecord(schema) && isRecord(schema.properties) ? schema.properties : {}
}

function mentionsSecret(schema: unknown): boolean {
  return JSON.stringify(schema ?? {}).includes('"format":"secret"')
}
