import { Secret } from '../secret/index.ts'
import type { RawChange, RawPlan } from './plan-json.ts'

/**
 * Lets nothing that is printed from here on show what a plan marks as sensitive: a provider's complaint may quote it, and
 * another attribute may hold the same value without the mark. Marks of a plan have the value's shape, or are `true`.
 */
export function rememberSensitive(plan: RawPlan): void {
  const declared = plan.configuration?.root_module?.variables ?? {}
  for (const [name, { value }] of Object.entries(plan.variables ?? {}))
    if (declared[name]?.sensitive === true) remember(value, true)
  const resources = [...(plan.resource_changes ?? []), ...(plan.resource_drift ?? [])]
  for (const change of [...resources.map((each) => each.change), ...Object.values(plan.output_changes ?? {})])
    rememberChange(change)
}

function rememberChange({ after, after_sensitive, before, before_sensitive }: RawChange): void {
  remember(before, before_sensitive)
  remember(after, after_sensitive)
}

/** A secret's shortest length: "true" or "eu" as a secret would blank half of what is printed. */
const least = 6

function remember(value: unknown, mark: unknown): void {
  if (mark === true && typeof value === 'string' && value.length >= least) new Secret(value)
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value))
    remember(inner, mark === true || (typeof mark === 'object' && mark !== null && Reflect.get(mark, key)))
}
