import { Ajv, type AnySchemaObject, type ErrorObject, type ValidateFunction } from 'ajv'
import { messageOf } from '../error.ts'
import { checkSource } from '../secret/source.ts'
import type { VarsSchema } from './schema.ts'

/** What a schema finds in variables. */
export interface Verdict {
  readonly errors: readonly ErrorObject[]
  /** where valid secret sources stand, as paths: [["apps", "0", "secrets", "TOKEN"]] */
  readonly secrets: readonly (readonly string[])[]
}

/**
 * Checks variables against the schemas of roles (draft-07, strict) and fills in their defaults. `format: 'secret'`
 * is a keyword of its own here, since JSON Schema's format says nothing about objects: ajv thereby finds every secret
 * of a value, wherever the schema has it (items, additionalProperties, anyOf).
 */
export class Validator {
  readonly #ajv: Ajv
  #secrets: string[] = []

  constructor() {
    this.#ajv = new Ajv({
      allErrors: true,
      useDefaults: true,
      verbose: true,
      strict: true,
      strictRequired: false,
      allowUnionTypes: true,
      // Making the checks shorter takes twice as long as making them, and each runs a few times only.
      code: { optimize: false },
    })
    this.#ajv.removeKeyword('format')
    this.#ajv.addKeyword({
      keyword: 'format',
      type: 'object',
      schemaType: 'string',
      errors: true,
      compile: (format: string, _schema: AnySchemaObject) => this.#secretCheck(format),
    })
  }

  /** Throws when the schema is wrong: that is a mistake in a role, not in an inventory. */
  compile(schema: VarsSchema, role: string): (vars: Record<string, unknown>) => Verdict {
    let check: ValidateFunction
    try {
      check = this.#ajv.compile(schema)
    } catch (error) {
      throw new TypeError(`the schema of role ${role} is wrong: ${messageOf(error)}`, { cause: error })
    }
    return (vars) => {
      this.#secrets = []
      check(vars)
      const secrets = [...new Set(this.#secrets)].map(segments)
      return { errors: check.errors ?? [], secrets }
    }
  }

  #secretCheck(format: string) {
    const check: {
      (data: Record<string, unknown>, at?: { instancePath: string }): boolean
      errors?: Partial<ErrorObject>[]
    } = (data, at) => {
      if (format !== 'secret') return true
      check.errors = checkSource(data).map((fault) => ({
        keyword: 'secret',
        message: fault.message,
        params: fault,
      }))
      if (check.errors.length === 0) this.#secrets.push(at?.instancePath ?? '')
      return check.errors.length === 0
    }
    return check
  }
}

/** A JSON pointer, "/apps/0/port", as its parts. */
export function segments(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}
