import { readState, releaseOf, type Site } from '../../deploy/index.ts'
import { liveColour } from '../../deploy/state.ts'
import { UsageError } from '../../error.ts'
import type { Host, Inventory } from '../../inventory/inventory.ts'
import type { Wanted } from '../../scan/index.ts'
import type { Run } from '../playbook.ts'
import { demandReference } from './flags.ts'

/** Images to scan, and the host to do it on. */
export interface Target {
  readonly host: Host
  readonly images: readonly Wanted[]
}

/** The images of a release on an app host, by its tag; those of the release that every edge serves where none is named. */
export async function releaseTarget(
  { fleet }: Run,
  site: Site,
  id: string | undefined,
): Promise<readonly Target[]> {
  const [host] = site.appHosts
  if (host === undefined) return []
  if (id !== undefined)
    return [{ host, images: site.apps.map(({ image }) => ({ image: `${image}:${id}`, pull: 'always' })) }]
  const state = await readState(fleet, site.edges, site.appHosts)
  const colour = liveColour(state)
  const live = colour === undefined ? undefined : releaseOf(state, colour)
  if (live === undefined)
    throw new UsageError('which release? No single one is served', '--release TAG, or images by name')
  return [{ host, images: asDeployed(Object.values(live.images)) }]
}

/** Images by digest, of which no newer ones can be fetched. */
export function asDeployed(images: readonly string[]): readonly Wanted[] {
  return [...new Set(images)].map((image) => ({ image, pull: 'missing' }))
}

/** Images that are named, on the first host that the environment runs containers of a release on. */
export function namedTarget(inventory: Inventory, images: readonly string[]): readonly Target[] {
  const in_ = (group: string) => inventory.hosts.filter(({ groups }) => groups.includes(group))
  const [host] = [...in_('app'), ...in_('manager'), ...inventory.hosts]
  return host === undefined ? [] : [{ host, images: asDeployed(images) }]
}

/**
 * What the inventory names as images of services (nginx_image, postgres_image, …), each on the first host that has the
 * variable. A host that has such an image keeps it: a newer one by the same tag would be the next site.ts's to start.
 */
export function serviceTargets({ hosts }: Inventory): readonly Target[] {
  const seen = new Set<string>()
  return hosts.flatMap((host) => {
    const images = Object.entries(host.vars).flatMap(([name, value]) =>
      name.endsWith('_image') && typeof value === 'string' && value !== '' ? [value] : [],
    )
    const fresh = [...new Set(images)].filter((image) => !seen.has(image))
    for (const image of fresh) {
      demandReference(image)
      seen.add(image)
    }
    return fresh.length === 0 ? [] : [{ host, images: asDeployed(fresh) }]
  })
}

/** One target a host, each image once. */
export function merged(targets: readonly Target[]): readonly Target[] {
  const hosts = [...new Set(targets.map(({ host }) => host))]
  return hosts.map((host) => {
    const images = targets.flatMap((each) => (each.host === host ? each.images : []))
    return { host, images: [...new Map(images.map((each) => [each.image, each])).values()] }
  })
}
