import type { ServedRelease, Sighting } from '../../backup/served.ts'
import { readState, releaseOf, siteOf } from '../../deploy/index.ts'
import { type DeployState, liveColour } from '../../deploy/state.ts'
import { messageOf } from '../../error.ts'
import type { Run } from '../playbook.ts'

/** The release that the edges serve. A backup is not kept from being taken by edges that cannot be asked. */
export async function servedNow(run: Run): Promise<ServedRelease | undefined> {
  const state = await stateOf(run)
  const live = state === undefined ? undefined : liveColour(state)
  const release = state === undefined || live === undefined ? undefined : releaseOf(state, live)
  return release === undefined ? undefined : { id: release.id, images: release.images }
}

/** What the edges remember of deploys and rollbacks: each was served from its time on. */
export async function servedByHistory(run: Run): Promise<readonly Sighting[]> {
  const state = await stateOf(run)
  return (state?.history ?? []).map(({ at, id, images }) => ({
    at,
    release: { id, images },
    by: 'the history of the edges',
  }))
}

/** Undefined where the inventory has no site, or its hosts cannot be asked. */
async function stateOf({ inventory, fleet, emit }: Run): Promise<DeployState | undefined> {
  const has = (group: string) => inventory.hosts.some((host) => host.groups.includes(group))
  if (!has('edge') || !has('app')) return undefined
  try {
    const site = siteOf(inventory)
    return await readState(fleet, site.edges, site.appHosts)
  } catch (error) {
    emit({ type: 'note', text: `the edges cannot be asked which release is served: ${messageOf(error)}` })
    return undefined
  }
}
