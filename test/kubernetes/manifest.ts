import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { parseAllDocuments } from 'yaml'

export const folder = fileURLToPath(new URL('../../kubernetes', import.meta.url))

/** An object of Kubernetes: as much of it as is looked into. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
  // biome-ignore lint/suspicious/noExplicitAny: its shape is what the schemas say, and they are held to it first
  readonly [field: string]: any
}

/** The objects of a YAML text. Throws where it is none. */
export function manifests(text: string): readonly Manifest[] {
  return parseAllDocuments(text).map((document) => {
    if (document.errors[0]) throw document.errors[0]
    return document.toJS() as Manifest
  })
}

export const nameOf = ({ kind, metadata }: Manifest) => `${kind}/${metadata.name}`

const { $defs, kinds } = JSON.parse(readFileSync(new URL('./schemas.json', import.meta.url), 'utf8')) as {
  $defs: Record<string, object>
  kinds: Record<string, string>
}

const ajv = new Ajv({ allErrors: true, strict: false })
ajv.addSchema({ $id: 'kubernetes', $defs })

/** What the API would not take: unknown kinds and fields, wrong types, what is missing. */
export function schemaFaults(manifest: Manifest): readonly string[] {
  const { apiVersion, kind } = manifest
  const external = externalSecretFaults(manifest)
  if (external) return external
  const definition = kinds[`${apiVersion} ${kind}`]
  if (definition === undefined) return [`${nameOf(manifest)}: there is no ${apiVersion} ${kind}`]
  const validate = ajv.getSchema(`kubernetes#/$defs/${definition}`)
  if (validate === undefined) throw new Error(`no schema of ${definition}`)
  validate(manifest)
  return (validate.errors ?? []).map(({ instancePath, message, params }) => {
    const field = 'additionalProperty' in params ? ` ${params.additionalProperty}` : ''
    return `${nameOf(manifest)}: ${instancePath} ${message}${field}`
  })
}

/** Of External Secrets (external-secrets.io/v1), which is no part of Kubernetes: the fields that we write. */
function externalSecretFaults(manifest: Manifest): readonly string[] | undefined {
  if (manifest.apiVersion !== 'external-secrets.io/v1' || manifest.kind !== 'ExternalSecret') return undefined
  const { data, refreshInterval, secretStoreRef, target, ...more } = manifest.spec
  const whole = data.every(
    (each: { secretKey?: string; remoteRef?: { key?: string } }) => each.secretKey && each.remoteRef?.key,
  )
  return Object.keys(more).length === 0 && whole && refreshInterval && secretStoreRef.name && target.name
    ? []
    : [`${nameOf(manifest)}: is no ExternalSecret`]
}
