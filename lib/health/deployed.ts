import type { Colour } from '../deploy/colour.ts'
import { parseEdge, readEdge } from '../deploy/edge.ts'
import { type Held, parseColours, readColours } from '../deploy/history.ts'
import type { Release } from '../deploy/release.ts'
import type { Fleet } from '../engine/fleet.ts'
import type { Host, Inventory } from '../inventory/inventory.ts'
import { lines, raw, sh } from '../script/index.ts'
import type { Examination, Finding } from './check.ts'
import { unreached } from './examine.ts'

/** What the hosts say of releases: what the checks go by. */
export interface Deployed {
  /** what the edges serve: one colour, unless a flip is under way or went wrong; none where no edge could be asked */
  readonly served: ReadonlySet<Colour>
  /** by app host */
  readonly held: ReadonlyMap<string, Held>
}

/** Whether a colour that is held may be called spare: only where it is known that another is served. */
export function isSpare({ served }: Deployed, colour: Colour): boolean {
  return served.size > 0 && !served.has(colour)
}

/** The release that is served, where that is one and the same on all app hosts. */
export function servedRelease({ served, held }: Deployed): Release | undefined {
  const [colour] = served
  if (colour === undefined || served.size !== 1) return undefined
  const all = [...held.values()].map((each) => each[colour])
  return all.every((each) => each?.id === all[0]?.id) ? all[0] : undefined
}

/**
 * Connects to all hosts at the same time and asks which colour is served, and which release each colour is. Hosts that
 * cannot be reached are findings, and are asked nothing more.
 */
export async function lookAround(
  fleet: Fleet,
  inventory: Inventory,
): Promise<Examination & { readonly hosts: readonly Host[]; readonly deployed: Deployed }> {
  const served = new Set<Colour>()
  const held = new Map<string, Held>()
  const hosts: Host[] = []
  const findings: Finding[] = []
  await Promise.all(
    inventory.hosts.map(async (host) => {
      try {
        const session = await fleet.session(host)
        const { stdout } = await session.ask(lines(readEdge, sh`echo; echo ${gap}`, readColours, raw(':')), {
          title: 'the look at what is deployed',
          timeoutSeconds: 10,
        })
        const [edge = '', colours = ''] = stdout.split(gap)
        if (host.groups.includes('edge')) served.add(parseEdge(edge).colour)
        if (host.groups.includes('app')) held.set(host.name, parseColours(colours))
        hosts.push(host)
      } catch (error) {
        findings.push(unreached(host.name, error))
      }
    }),
  )
  return {
    hosts: inventory.hosts.filter((host) => hosts.includes(host)),
    deployed: { served, held },
    findings,
    unreachable: findings.map(({ host }) => host),
  }
}

const gap = '--quayside-colours--'
