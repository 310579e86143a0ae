/** A lock on a state, as Terraform tells whoever comes second. */
export interface StateLock {
  readonly id: string
  /** "anna@laptop" */
  readonly who: string
  /** as Terraform writes it: "2026-11-27 08:00:00.123 +0000 UTC" */
  readonly created: string
  /** "OperationTypeApply" */
  readonly operation: string
}

/** The lock in an error's text; undefined where the error is about something else. */
export function stateLockOf(text: string): StateLock | undefined {
  if (!/acquiring the state lock|state is already locked/i.test(text)) return undefined
  const field = (name: string) => new RegExp(`^\\s*${name}:\\s+(\\S.*)$`, 'm').exec(text)?.[1]?.trim()
  const id = field('ID')
  if (id === undefined) return undefined
  return {
    id,
    who: field('Who') ?? 'somebody',
    created: (field('Created') ?? 'an unknown time').replace(/(\.\d+)? \+0000 UTC$/, ' UTC'),
    operation: (field('Operation') ?? 'unknown').replace('OperationType', '').toLowerCase(),
  }
}
