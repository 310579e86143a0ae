import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

/** A type of Terraform's, in its own JSON: "string", ["list", "number"], ["object", {…}]. */
export type Type = string | readonly [string, unknown]

/** An argument or attribute: required, optional, computed. `nested` is one that has arguments of its own. */
export interface Attribute {
  readonly t?: Type
  readonly nested?: { readonly n: Nesting; readonly b: Block; readonly blk?: 0 | 1 }
  readonly r?: 1
  readonly o?: 1
  readonly c?: 1
}

export type Nesting = 'single' | 'list' | 'set' | 'map'

export interface Block {
  readonly attrs: Readonly<Record<string, Attribute>>
  /** `max` 0 is no limit */
  readonly blocks: Readonly<Record<string, { n: Nesting; min: number; max: number; b: Block }>>
}

export interface Schema {
  /** "registry.terraform.io/hashicorp/aws" */
  readonly source: string
  readonly version: string
  readonly provider: Block
  readonly resources: Readonly<Record<string, Block>>
  readonly data: Readonly<Record<string, Block>>
}

export const providers = ['aws', 'google', 'azurerm'] as const
export type Provider = (typeof providers)[number]

const folder = fileURLToPath(new URL('../../terraform/schemas', import.meta.url))
const read = new Map<Provider, Schema>()

/** What a provider takes; terraform/schemas/NOTICE.md says where it is from. */
export function schemaOf(provider: Provider): Schema {
  const known = read.get(provider)
  if (known) return known
  const schema = JSON.parse(
    gunzipSync(readFileSync(`${folder}/${provider}.json.gz`)).toString('utf8'),
  ) as Schema
  read.set(provider, schema)
  return schema
}

/** The provider of a resource, by the first word of its type. */
export function providerOf(type: string): Provider | undefined {
  const [first] = type.split('_')
  return providers.find((provider) => provider === first)
}
