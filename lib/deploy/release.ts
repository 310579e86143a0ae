import { createHash } from 'node:crypto'
import { isSecret } from '../secret/index.ts'
import type { App } from './app.ts'
import type { Colour } from './colour.ts'

/** What is deployed: images by digest, and the configuration they run with. */
export interface Release {
  /** the tag it was built under: what people call it */
  readonly id: string
  /** app name → repository@sha256:… */
  readonly images: Readonly<Record<string, string>>
  /** fingerprint of the apps' configuration, secrets included */
  readonly config: string
}

/** A line of the history on the edges. */
export interface Deployed extends Release {
  readonly colour: Colour
  /** ISO 8601, UTC */
  readonly at: string
  /** who ran it, from where: "anna@laptop" */
  readonly by: string
  readonly kind: 'deploy' | 'rollback'
}

export function sameRelease(one: Release | undefined, two: Release | undefined): boolean {
  if (one === undefined || two === undefined) return false
  return one.id === two.id && one.config === two.config && canonical(one.images) === canonical(two.images)
}

/** 12 hex digits over all that the apps run with; a Secret counts by its slow fingerprint. */
export function configOf(apps: readonly App[]): string {
  return createHash('sha256').update(canonical(apps)).digest('hex').slice(0, 12)
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  if (isSecret(value)) return `"${value.fingerprint()}"`
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value).filter(([, each]) => each !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`
}
