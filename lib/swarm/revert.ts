import type { Release } from '../deploy/release.ts'
import { messageOf } from '../error.ts'
import { type Failure, StackFailed } from './failure.ts'
import type { Kept } from './kept.ts'
import type { Managers } from './manager.ts'
import { rollOut, type StackWork } from './rollout.ts'
import { serviceNames } from './stack-file.ts'

/**
 * Takes the whole stack back to the release before: half of a release is none. Gives the error that says why, and what
 * serves now.
 */
export async function revert(
  work: StackWork,
  managers: Managers,
  failed: { readonly stack: string; readonly release: Release; readonly failures: readonly Failure[] },
  { history, file }: Kept,
): Promise<StackFailed> {
  const { stack, release, failures } = failed
  const before = history.at(-1)
  if (before === undefined || file === '')
    return new StackFailed(release.id, failures, {
      hint: 'there is no release before it to go back to: what runs stays as it is, to be looked at',
    })
  work.emit({ type: 'step', text: `going back to ${before.id}, with every service` })
  try {
    const services = serviceNames(file)
    const left = await rollOut(work, managers, { stack, text: file, services, prune: true })
    if (left.length > 0) {
      const why = left.map((each) => `${each.service}: ${each.why}`).join('; ')
      return new StackFailed(release.id, failures, { hint: `${before.id} could not be had back: ${why}` })
    }
    work.emit({ type: 'step', text: `${before.id} serves again` })
    const hint = `${before.id} serves, as before; mend the release and deploy again`
    return new StackFailed(release.id, failures, { serving: before.id, hint })
  } catch (error) {
    work.signal.throwIfAborted()
    const hint = `${before.id} could not be had back: ${messageOf(error)}`
    return new StackFailed(release.id, failures, { hint })
  }
}
