import { setTimeout as sleep } from 'node:timers/promises'
import { listStored, remove, unneeded } from './content.ts'
import type { Managers } from './manager.ts'
import type { StackWork } from './rollout.ts'

const tries = 5
const pauseMs = 2000

/** Removes configs and secrets that none of these files needs. Tasks that end let go of theirs a moment later. */
export async function prune(
  { emit, signal }: StackWork,
  managers: Managers,
  stack: string,
  texts: readonly string[],
): Promise<void> {
  for (let turn = 0; turn < tries; turn += 1) {
    const old = unneeded(await managers.ask('list configs and secrets', listStored(stack)), texts)
    if (old.length === 0) return
    const said = await managers.ask('prune configs and secrets', remove(old))
    const used = said.split('\n').filter((line) => line !== '').length
    if (old.length > used)
      emit({ type: 'step', text: `${old.length - used} configs and secrets that nothing needs are removed` })
    if (used === 0) return
    await sleep(pauseMs, undefined, { signal })
  }
  emit({ type: 'note', text: 'some old configs and secrets are still used; the next deploy removes them' })
}
