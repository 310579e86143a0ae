import { deployLock } from '../../lib/deploy/index.ts'
import { withLock } from '../../lib/engine/lock.ts'
import type { Host } from '../../lib/inventory/inventory.ts'
import type { Run } from '../../lib/playbook/index.ts'
import type { SwarmSite } from '../../lib/swarm/converge.ts'
import { reachedManagers } from '../../lib/swarm/majority.ts'
import type { StackWork } from '../../lib/swarm/rollout.ts'
import type { SwarmVars } from '../../roles/swarm/schema.ts'

/** The stack's variables, which are the same on every host and passed the role's schema. */
export function stackVars(site: SwarmSite): SwarmVars {
  return site.managers[0]?.vars as unknown as SwarmVars
}

/** Does what changes a stack, with most of its managers locked for it. */
export async function withStack(
  run: Run,
  site: SwarmSite,
  what: 'deploy' | 'rollback' | 'scale' | 'spread',
  act: (work: StackWork, manager: Host) => Promise<void>,
): Promise<void> {
  const { fleet, emit, signal } = run
  signal.throwIfAborted()
  const managers = await reachedManagers(fleet, site.managers, emit)
  const patienceSeconds = stackVars(site).stack_patience_seconds
  await withLock(fleet, managers, deployLock(what), async () => {
    const [manager] = managers
    if (manager !== undefined) await act({ fleet, managers, patienceSeconds, emit, signal }, manager)
  })
}
