import type { Property, VarsSchema } from '../inventory/schema.ts'
import type { Kind } from './finding.ts'
import type { Held } from './held.ts'

/**
 * A setting: a JSON Schema property of text, an integer, true or false, or one of several words. `title` says what it
 * must be where type and limits do not ("an address that starts with https://"), `examples` what one looks like.
 */
export type Setting = Property

/** The settings of a stage, as its env file holds them. */
export type SettingsSchema = VarsSchema

/**
 * How a secret comes to be: made here of so many characters of an alphabet, given by somebody, or made later by another
 * program, until when it is missing and nothing is wrong.
 */
export type Made =
  | { readonly generate: { readonly length: number; readonly alphabet: string } }
  | { readonly given: string }
  | { readonly later: string }

/** A secret: a JSON Schema property for the text of its file, and how it is made. */
export interface SecretProperty extends Property {
  readonly type: 'string'
  readonly title: string
  readonly description: string
  readonly made: Made
}

/** The secrets of a stage, a file each; what is not required may be an empty file, which means: not set. */
export interface SecretsSchema extends VarsSchema {
  readonly properties: { readonly [name: string]: SecretProperty }
}

/** What is wrong with a value, and what to write instead; the value itself is in neither. */
export interface Wrong {
  readonly message: string
  readonly hint: string
}

/** What a schema cannot say of a setting that stands in the env file. */
export interface SettingRule {
  readonly setting: string
  readonly kind: Kind
  /** `all`: every setting by its name, defaults among them */
  readonly wrong: (value: string, all: ReadonlyMap<string, string>) => Wrong | undefined
}

/** The same of a secret; `others` are those of the stage that are set. */
export interface SecretRule {
  readonly secret: string
  readonly kind: Kind
  readonly wrong: (
    secret: Held,
    others: ReadonlyMap<string, Held>,
    settings: ReadonlyMap<string, string>,
  ) => Wrong | undefined
}

/** A stage: what can be set in it, and what must not be. */
export interface Stage {
  readonly name: string
  /** what it is for: "development on this machine" */
  readonly about: string
  readonly settings: SettingsSchema
  readonly secrets: SecretsSchema
  readonly settingRules: readonly SettingRule[]
  readonly secretRules: readonly SecretRule[]
  /** names that only other stages have: "API_DEBUG_PORT" → ["dev"] */
  readonly elsewhere: ReadonlyMap<string, readonly string[]>
}

/** Where the files of all stages are: STAGE.env and secrets/STAGE/NAME in it. */
export interface Where {
  readonly directory: string
}

/** The name that an env file would have for a secret: its own, in upper case. */
export function secretOf(stage: Stage, name: string): string | undefined {
  const own = name.toLowerCase()
  return Object.hasOwn(stage.secrets.properties, own) ? own : undefined
}

export function isRequired(schema: VarsSchema, name: string): boolean {
  return schema.required?.includes(name) === true
}
