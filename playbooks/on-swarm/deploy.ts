import { removeOldImages, sameRelease } from '../../lib/deploy/index.ts'
import { proofBeforeContract } from '../../lib/playbook/backup/before-contract.ts'
import type { Run } from '../../lib/playbook/index.ts'
import { releaseId } from '../../lib/playbook/release-id.ts'
import { scanBeforeDeploy } from '../../lib/playbook/scan/before-deploy.ts'
import { convergeSwarm, type SwarmSite } from '../../lib/swarm/converge.ts'
import { deployStack } from '../../lib/swarm/deploy.ts'
import { newestKept } from '../../lib/swarm/keep.ts'
import { spread } from '../../lib/swarm/spread.ts'
import { stack } from '../../roles/stack.ts'
import { swarmRoles } from '../../roles/swarm/swarm-roles.ts'
import { agentlabOnSwarm, demandSettings } from '../../stack/on-swarm.ts'
import { preflightOf } from '../../stack/preflight.ts'
import { stackVars, withStack } from './locked.ts'

/** Makes the swarm what the inventory says, and every service run the release. */
export async function deployToSwarm(run: Run, site: SwarmSite): Promise<void> {
  const { fleet, emit, signal, check } = run
  const vars = stackVars(site)
  demandSettings(vars)
  const id = await releaseId(run)
  await fleet.converge(stack)
  if (!check) {
    // The others bear a node that is away; a host that holds the database is of no swarm.
    const nodes = new Set(site.all.map(({ name }) => name))
    fleet.demand(
      'the hosts are not ready for a deploy',
      ({ host, state }) => state === 'unreachable' && nodes.has(host),
    )
  }
  signal.throwIfAborted()
  const mayGo = { quorumMayGo: false, dataMayGo: false }
  const swarm = await convergeSwarm({ fleet, roles: swarmRoles, emit, signal, check, ...mayGo }, site)
  await preflightOf(run, site, swarm, vars, id)
  if (check) {
    emit({ type: 'step', text: `would deploy ${id} to the swarm, as ${vars.stack_name}` })
    return
  }
  await withStack(run, site, 'deploy', async (work, manager) => {
    const wanted = await agentlabOnSwarm(fleet, manager, vars, id)
    const { history } = await newestKept(work)
    if (!sameRelease(history.at(-1), wanted.release)) {
      const { api } = wanted.release.images
      if (api !== undefined && wanted.migration !== undefined)
        await proofBeforeContract(run, manager, { api }, vars.deploy_contract_restore_hours)
      await scanBeforeDeploy(run, manager, Object.values(wanted.release.images))
    }
    await deployStack(work, wanted)
    const reached = new Set(fleet.tallies.filter(({ state }) => state === 'ok').map(({ host }) => host))
    const nodes = site.all.filter(({ name }) => reached.has(name))
    const deployed = [...history, wanted.release]
    await removeOldImages(fleet, nodes, deployed, vars.deploy_keep_releases, emit)
    if (swarm.joined.length > 0) await spread(work, vars.stack_name)
  })
  const { printPlaces } = await import('../../lib/lab/places.ts')
  printPlaces(run.env, run.print)
}
