import { Ajv } from 'ajv'
import { QuaysideError } from '../error.ts'

/** A change of one thing as `terraform show -json PLAN` has it; the marks have the value's shape, or are one for all of it. */
export interface RawChange {
  readonly actions: readonly string[]
  readonly before?: unknown
  readonly after?: unknown
  readonly after_unknown?: unknown
  readonly before_sensitive?: unknown
  readonly after_sensitive?: unknown
  /** the paths that cannot change in place: [["ami"], ["tags", "name"]] */
  readonly replace_paths?: readonly (readonly (string | number)[])[]
  readonly importing?: unknown
}

export interface RawResource {
  readonly address: string
  readonly mode: string
  readonly type: string
  readonly change: RawChange
  readonly action_reason?: string
  /** what it was called before a moved block */
  readonly previous_address?: string
  /** of an object that a replacement has left */
  readonly deposed?: string
}

/** As much of a plan as is looked at: https://developer.hashicorp.com/terraform/internals/json-format */
export interface RawPlan {
  readonly format_version: string
  readonly resource_changes?: readonly RawResource[]
  readonly resource_drift?: readonly RawResource[]
  readonly output_changes?: Readonly<Record<string, RawChange>>
  readonly variables?: Readonly<Record<string, { readonly value?: unknown }>>
  readonly configuration?: {
    readonly root_module?: { readonly variables?: Readonly<Record<string, { readonly sensitive?: boolean }>> }
  }
}

const change = {
  type: 'object',
  required: ['actions'],
  properties: { actions: { type: 'array', items: { type: 'string' } } },
}
const resources = {
  type: 'array',
  items: {
    type: 'object',
    required: ['address', 'mode', 'type', 'change'],
    properties: {
      address: { type: 'string' },
      mode: { type: 'string' },
      type: { type: 'string' },
      change,
      action_reason: { type: 'string' },
      previous_address: { type: 'string' },
      deposed: { type: 'string' },
    },
  },
}
const planSchema = {
  type: 'object',
  required: ['format_version'],
  properties: {
    format_version: { type: 'string', pattern: '^1\\.' },
    resource_changes: resources,
    resource_drift: resources,
    output_changes: { type: 'object', additionalProperties: change },
    variables: { type: 'object' },
    configuration: { type: 'object' },
  },
}

/** Throws a QuaysideError for what is no plan, or one of a version that we do not know. */
export function parsePlan(text: string): RawPlan {
  const plan: unknown = JSON.parse(text)
  const ajv = new Ajv()
  if (!ajv.validate<RawPlan>(planSchema, plan))
    throw new QuaysideError(`this plan is of a version that is not known here: ${ajv.errorsText()}`)
  return plan
}
