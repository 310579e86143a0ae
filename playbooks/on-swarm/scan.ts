import { UsageError } from '../../lib/error.ts'
import type { Run } from '../../lib/playbook/index.ts'
import { asDeployed, type Target } from '../../lib/playbook/scan/targets.ts'
import type { SwarmSite } from '../../lib/swarm/converge.ts'
import { newestKept } from '../../lib/swarm/keep.ts'
import { reachedManagers } from '../../lib/swarm/majority.ts'
import { agentlabOnSwarm, demandSettings } from '../../stack/on-swarm.ts'
import { stackVars } from './locked.ts'

/** Every image of the stack, of a release by its tag or of the one that was deployed last. */
export async function stackTarget(
  run: Run,
  site: SwarmSite,
  id: string | undefined,
): Promise<readonly Target[]> {
  const { fleet, emit } = run
  const managers = await reachedManagers(fleet, site.managers, emit)
  const [host] = managers
  if (host === undefined) return []
  if (id !== undefined) {
    const vars = stackVars(site)
    demandSettings(vars)
    const { release } = await agentlabOnSwarm(fleet, host, vars, id)
    return [{ host, images: asDeployed(Object.values(release.images)) }]
  }
  const { history } = await newestKept({ fleet, managers, emit })
  const last = history.at(-1)
  if (last === undefined) throw new UsageError('which release? None was deployed yet', '--release TAG')
  return [{ host, images: asDeployed(Object.values(last.images)) }]
}
