import type { ServedRelease, Sighting } from '../../backup/served.ts'
import { readState, releaseOf, siteOf } from '../../deploy/index.ts'
import { liveColour } from '../../deploy/state.ts'
import { messageOf } from '../../error.ts'
import { type SwarmSite, swarmSiteOf } from '../../swarm/converge.ts'
import { newestKept } from '../../swarm/keep.ts'
import { reachedManagers } from '../../swarm/majority.ts'
import type { Run } from '../playbook.ts'

/** What those that know of releases say: edges, or the managers of a swarm. */
interface Known {
  readonly now: ServedRelease | undefined
  /** deploys and rollbacks, the oldest first: each was served from its time on */
  readonly history: readonly Sighting[]
}

/** The release that is served. A backup is not kept from being taken by edges or managers that cannot be asked. */
export async function servedNow(run: Run): Promise<ServedRelease | undefined> {
  return (await known(run))?.now
}

/** What the edges, or the managers, remember of deploys and rollbacks. */
export async function servedByHistory(run: Run): Promise<readonly Sighting[]> {
  return (await known(run))?.history ?? []
}

/** Undefined where the inventory has no site, or its hosts cannot be asked. */
async function known(run: Run): Promise<Known | undefined> {
  const has = (group: string) => run.inventory.hosts.some((host) => host.groups.includes(group))
  const blueGreen = has('edge') && has('app')
  const swarm = swarmSiteOf(run.inventory)
  if (!blueGreen && swarm === undefined) return undefined
  try {
    return swarm === undefined || blueGreen ? await byEdges(run) : await byManagers(run, swarm)
  } catch (error) {
    const who = blueGreen ? 'edges' : 'managers'
    const text = `the ${who} cannot be asked which release is served: ${messageOf(error)}`
    run.emit({ type: 'note', text })
    return undefined
  }
}

async function byEdges({ inventory, fleet }: Run): Promise<Known> {
  const site = siteOf(inventory)
  const state = await readState(fleet, site.edges, site.appHosts)
  const live = liveColour(state)
  const release = live === undefined ? undefined : releaseOf(state, live)
  return {
    now: release === undefined ? undefined : served(release),
    history: (state.history ?? []).map((each) => sighting(each, 'the edges')),
  }
}

/** A deploy that failed is taken back, and stands in no history: the last line is what is served. */
async function byManagers({ fleet, emit }: Run, site: SwarmSite): Promise<Known> {
  const managers = await reachedManagers(fleet, site.managers, emit)
  const { history } = await newestKept({ fleet, managers, emit })
  const last = history.at(-1)
  return {
    now: last === undefined ? undefined : served(last),
    history: history.map((each) => sighting(each, 'the managers')),
  }
}

function sighting(deployed: ServedRelease & { readonly at: string }, who: string): Sighting {
  return { at: deployed.at, release: served(deployed), by: `the history of ${who}` }
}

const served = ({ id, images }: ServedRelease): ServedRelease => ({ id, images })
