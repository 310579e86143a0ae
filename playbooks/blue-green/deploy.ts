import {
  bringUp,
  cutOver,
  type Deploy,
  deployLock,
  idleColour,
  isServing,
  releaseOf,
  removeOldImages,
  resolveRelease,
  sameRelease,
  settledState,
  siteOf,
} from '../../lib/deploy/index.ts'
import { withLock } from '../../lib/engine/lock.ts'
import { proofBeforeContract } from '../../lib/playbook/backup/before-contract.ts'
import { lookAfterFlip } from '../../lib/playbook/health/after-flip.ts'
import type { Run } from '../../lib/playbook/index.ts'
import { releaseId } from '../../lib/playbook/release-id.ts'
import { scanBeforeDeploy } from '../../lib/playbook/scan/before-deploy.ts'
import { colourRoles } from '../../roles/app/colour-roles.ts'
import { stackChecks } from '../../roles/checks.ts'
import { stack } from '../../roles/stack.ts'

/** Brings the release up as the colour that is not served, and switches every edge to it. */
export async function deploy(run: Run): Promise<void> {
  const { fleet, emit, signal, check } = run
  const site = siteOf(run.inventory)
  const id = await releaseId(run)
  await fleet.converge(stack)
  if (check) {
    emit({ type: 'step', text: `would deploy ${id} to the colour that is not served` })
    return
  }
  fleet.demand('the hosts are not ready for a deploy')
  signal.throwIfAborted()

  const names = site.apps.map(({ name }) => name)
  const faults = lookAfterFlip(run, names, stackChecks)
  const work: Deploy = { fleet, site, roles: colourRoles, emit, signal, faults }
  await withLock(fleet, site.edges, deployLock('deploy'), async () => {
    const { state, live } = await settledState(fleet, site, emit)
    const [first] = site.appHosts
    if (first === undefined) return
    const release = await resolveRelease(fleet, first, site.apps, id)
    if (sameRelease(releaseOf(state, live), release) && (await isServing(work, live, release))) {
      emit({ type: 'step', text: `${id} is live as ${live} on every edge: nothing to deploy` })
      return
    }
    const migrating = site.apps.filter(({ migrate }) => migrate !== undefined)
    const images = Object.fromEntries(migrating.map(({ name }) => [name, release.images[name] ?? '']))
    await proofBeforeContract(run, first, images, site.restoreHours)
    await scanBeforeDeploy(run, first, Object.values(release.images))
    const idle = idleColour(state, live)
    await bringUp(work, idle, release)
    await cutOver(work, { from: live, to: idle, kind: 'deploy' }, release)
    await removeOldImages(fleet, site.appHosts, [...state.history, release], site.keepReleases, emit)
  })
  const { printPlaces } = await import('../../lib/lab/places.ts')
  printPlaces(run.env, run.print)
}
