import { QuaysideError } from '../error.ts'
import type { Diagnostic } from './events.ts'
import type { Ended } from './follow.ts'
import { type StateLock, stateLockOf } from './state-lock.ts'
import type { Terraform } from './terraform.ts'

/** Why a plan or an apply failed, in one error: a lock that somebody holds, a stale plan, or what Terraform says. */
export function failure(
  terraform: Terraform,
  command: string,
  { diagnostics, rest, status }: Ended,
): QuaysideError {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const lock = errors
    .map(({ detail, summary }) => stateLockOf(`${summary}\n${detail}`))
    .find((each) => each !== undefined)
  if (lock !== undefined) return held(terraform, lock)
  if (errors.some(({ summary }) => summary.includes('plan is stale')))
    return new QuaysideError('the state has changed since this plan was shown: nothing was applied', {
      hint: 'somebody else applied meanwhile: run it again, and look at the new plan',
    })
  const how = typeof status === 'number' ? `ended with ${status}` : status
  const hint = errors.some(({ detail, summary }) => /prevent_destroy/.test(`${summary} ${detail}`))
    ? 'prevent_destroy guards it: docs/infrastructure.md, "What is not destroyed"'
    : undefined
  return new QuaysideError(
    errors.length > 0
      ? errors.map(told).join('\n')
      : `${terraform.program} ${command} ${how}${rest === '' ? '' : `\n${rest}`}`,
    hint === undefined ? {} : { hint },
  )
}

function held({ folder, program }: Terraform, { created, id, operation, who }: StateLock): QuaysideError {
  return new QuaysideError(`the state is locked: ${who} has it since ${created} (${operation})`, {
    hint: `wait for it: --lock-timeout 10m. If that run is dead, and only then: ${program} -chdir=${folder} force-unlock ${id}`,
  })
}

/** "aws_instance.app: Error creating instance: … (main.tf:12)" */
export function told({ address, detail, place, summary }: Diagnostic): string {
  const where = place === undefined ? '' : ` (${place})`
  const about = address === undefined || address === '' ? '' : `${address}: `
  return `${about}${summary}${where}${detail === '' ? '' : `\n    ${detail.trim().replaceAll('\n', '\n    ')}`}`
}
