import type { Run } from '../../lib/playbook/index.ts'
import { releaseId } from '../../lib/playbook/release-id.ts'
import { convergeSwarm, type SwarmSite, type SwarmWork } from '../../lib/swarm/converge.ts'
import { deployStack } from '../../lib/swarm/deploy.ts'
import { stack } from '../../roles/stack.ts'
import { swarmRoles } from '../../roles/swarm/swarm-roles.ts'
import { agentlabOnSwarm, demandSettings } from '../../stack/on-swarm.ts'
import { stackVars, withStack } from './locked.ts'

/** Makes the swarm what the inventory says, and every service run the release. */
export async function deployToSwarm(run: Run, site: SwarmSite): Promise<void> {
  const { fleet, emit, check } = run
  const vars = stackVars(site)
  demandSettings(vars)
  const id = await releaseId(run)
  await fleet.converge(stack)
  const work: SwarmWork = { fleet, roles: swarmRoles, emit, check, quorumMayGo: false }
  await convergeSwarm(work, site)
  if (check) {
    emit({ type: 'step', text: `would deploy ${id} to the swarm, as ${vars.stack_name}` })
    return
  }
  await withStack(run, site, 'deploy', async (work, manager) => {
    await deployStack(work, await agentlabOnSwarm(fleet, manager, vars, id))
  })
  const { printPlaces } = await import('../../lib/lab/places.ts')
  printPlaces(run.env, run.print)
}
