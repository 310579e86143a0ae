import { UsageError } from '../../lib/error.ts'
import type { Run } from '../../lib/playbook/index.ts'
import type { SwarmSite } from '../../lib/swarm/converge.ts'
import { newestKept } from '../../lib/swarm/keep.ts'
import { reachedManagers } from '../../lib/swarm/majority.ts'
import { rollBack, targetOf } from '../../lib/swarm/rollback.ts'
import { stackVars, withStack } from './locked.ts'

/** Deploys a release of the history again, the whole stack of it. */
export async function rollbackOnSwarm(run: Run, site: SwarmSite): Promise<void> {
  const { args, check, emit, fleet } = run
  if (args.has('colour')) throw new UsageError('a swarm has no colours', '--to TAG names a release')
  const to = args.text('to')
  if (check) {
    const managers = await reachedManagers(fleet, site.managers, emit)
    const { history } = await newestKept({ fleet, managers, emit })
    emit({ type: 'step', text: `would go back to ${targetOf(history, to).id}, with every service` })
    return
  }
  await withStack(run, site, 'rollback', (work) => rollBack(work, stackVars(site).stack_name, to))
}
