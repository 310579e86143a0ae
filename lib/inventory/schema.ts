import type { Secret } from '../secret/index.ts'

/** A JSON Schema property: as much of the standard as a role needs to describe a variable. */
export interface Property {
  readonly [keyword: string]: unknown
}

/** The variables of one role, as a JSON Schema written `as const`, so that their TypeScript type follows from it. */
export interface VarsSchema {
  readonly type: 'object'
  readonly properties: { readonly [name: string]: Property }
  readonly required?: readonly string[]
  readonly additionalProperties: false
}

/**
 * The property of a variable that is secret. In the inventory it is a source, one key of:
 * `from_env: NAME`, `from_file: path`, `from_command: [program, …]`, `generate: name` (made once, kept in the
 * state directory of the environment), `local_ca: certificate | key` (with `names: […]`), `private_ca: authority | …`.
 */
export const secret = { type: 'object', format: 'secret' } as const

/** The TypeScript type of variables that passed a schema: defaults filled in, secret sources turned into Secrets. */
export type VarsOf<S extends VarsSchema> = ValueOf<S>

// Written out for the keywords that roles use: json-schema-to-ts, which covers the whole standard, needed sixteen
// million type instantiations for the apps' schema, and then gave up.
type ValueOf<S> = S extends { readonly format: 'secret' }
  ? Secret
  : S extends { readonly enum: readonly (infer E)[] }
    ? E
    : S extends { readonly const: infer C }
      ? C
      : S extends { readonly anyOf: readonly (infer A)[] }
        ? ValueOf<A>
        : S extends { readonly type: 'string' }
          ? string
          : S extends { readonly type: 'integer' | 'number' }
            ? number
            : S extends { readonly type: 'boolean' }
              ? boolean
              : S extends { readonly type: 'array'; readonly items: infer I }
                ? readonly ValueOf<I>[]
                : S extends { readonly type: 'object'; readonly properties: infer P }
                  ? ObjectOf<P, Present<S, P>>
                  : S extends {
                        readonly type: 'object'
                        readonly additionalProperties: infer A extends Property
                      }
                    ? { readonly [key: string]: ValueOf<A> }
                    : unknown

/** The keys that are always there: required ones, and those with a default. */
type Present<S, P> =
  | (S extends { readonly required: readonly (infer R)[] } ? R : never)
  | { [K in keyof P]: P[K] extends { readonly default: unknown } ? K : never }[keyof P]

type ObjectOf<P, Always> = {
  readonly [K in keyof P as K extends Always ? K : never]: ValueOf<P[K]>
} & {
  readonly [K in keyof P as K extends Always ? never : K]?: ValueOf<P[K]>
}
