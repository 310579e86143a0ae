import { type Attribute, attributesOf } from './attributes.ts'
import { holdsData } from './holds-data.ts'
import type { RawPlan, RawResource } from './plan-json.ts'

/** What is done to a thing. One that is forgotten stays where it is, and Terraform knows no longer of it. */
export type Doing = 'make' | 'change' | 'replace' | 'destroy' | 'forget' | 'import' | 'move'

export interface Change {
  readonly address: string
  readonly doing: Doing
  /** why it is replaced or destroyed, where Terraform says */
  readonly why: string | undefined
  /** its address before */
  readonly from: string | undefined
  readonly attributes: readonly Attribute[]
  /** what it holds is lost by this */
  readonly losesData: boolean
}

/** A plan as it is shown, and agreed to. No value that is marked sensitive is in it. */
export interface Changes {
  readonly things: readonly Change[]
  /** what was found other than the state had it */
  readonly drift: readonly Change[]
  readonly outputs: readonly { readonly name: string; readonly attributes: readonly Attribute[] }[]
}

/** The changes of a plan; what stays and what is only read is left out. */
export function changesOf(plan: RawPlan): Changes {
  const managed = (resources: readonly RawResource[] = []) =>
    resources.filter(({ mode }) => mode === 'managed').flatMap((each) => changeOf(each) ?? [])
  return {
    things: managed(plan.resource_changes),
    drift: managed(plan.resource_drift),
    outputs: Object.entries(plan.output_changes ?? {})
      .filter(([, { actions }]) => !actions.includes('no-op'))
      .map(([name, change]) => ({ name, attributes: attributesOf(change) })),
  }
}

function changeOf(resource: RawResource): Change | undefined {
  const { action_reason: reason, address, change, deposed, previous_address: from } = resource
  const doing = doingOf(resource)
  if (doing === undefined) return undefined
  const lost = doing === 'destroy' || doing === 'replace'
  return {
    address: deposed === undefined ? address : `${address} (deposed ${deposed})`,
    doing,
    why: reason === undefined ? undefined : (reasons[reason] ?? reason.replaceAll('_', ' ')),
    from: from === address ? undefined : from,
    attributes: doing === 'destroy' || doing === 'forget' ? [] : attributesOf(change),
    losesData: lost && holdsData(resource),
  }
}

function doingOf({ address, change, previous_address: from }: RawResource): Doing | undefined {
  const has = (action: string) => change.actions.includes(action)
  if (has('delete')) return has('create') ? 'replace' : 'destroy'
  if (has('forget')) return 'forget'
  if (has('create')) return 'make'
  if (change.importing !== undefined) return 'import'
  if (has('update')) return 'change'
  if (from !== undefined && from !== address) return 'move'
  return undefined
}

const reasons: Readonly<Record<string, string>> = {
  replace_because_tainted: 'it was left half-made',
  replace_because_cannot_update: 'it cannot change in place',
  replace_by_request: 'that was asked for',
  replace_by_triggers: 'something that it hangs on changes',
  delete_because_no_resource_config: 'the configuration has it no longer',
  delete_because_no_module: 'the configuration has its module no longer',
  delete_because_wrong_repetition: 'count or for_each came or went',
  delete_because_count_index: 'count is smaller now',
  delete_because_each_key: 'for_each has its key no longer',
  delete_because_no_move_target: 'it was moved to where nothing is',
}
