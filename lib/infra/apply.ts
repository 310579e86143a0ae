import { rm } from 'node:fs/promises'
import type { TerraformEvent } from './events.ts'
import { failure } from './failure.ts'
import { follow, type Watch } from './follow.ts'
import { common, type Plan, type Wanted } from './plan.ts'
import type { Progress } from './progress.ts'
import type { Terraform } from './terraform.ts'

/**
 * Applies exactly a plan that was made: Terraform refuses it where the state has changed since. Throws a QuaysideError
 * that says why it stopped; `progress` knows what was done by then.
 */
export async function applyPlan(
  terraform: Terraform,
  { file }: Plan,
  wanted: Wanted,
  watch: Watch & { readonly progress: Progress },
): Promise<void> {
  let isRead = false
  const onEvent = (event: TerraformEvent) => {
    // Once something is made of it, it was read: nothing is left of it then, whatever becomes of us.
    if (!isRead && event.type === 'begun') {
      isRead = true
      void rm(file, { force: true })
    }
    watch.progress.hear(event)
    watch.onEvent(event)
  }
  const words = ['apply', '-json', '-input=false', ...common(wanted), file]
  const ended = await follow(terraform, words, { ...watch, onEvent })
  watch.signal.throwIfAborted()
  if (ended.status !== 0) throw failure(terraform, 'apply', ended)
}
