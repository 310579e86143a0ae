import type { Fleet } from '../engine/fleet.ts'
import type { Host } from '../inventory/inventory.ts'
import { lines, raw, sh } from '../script/index.ts'
import { type Colour, colours } from './colour.ts'
import { type EdgeState, parseEdge, readEdge } from './edge.ts'
import { type Held, parseColours, parseHistory, readColours, readHistory } from './history.ts'
import { type Deployed, type Release, sameRelease } from './release.ts'

/** What the hosts say of releases, at one moment. */
export interface DeployState {
  readonly edges: ReadonlyMap<string, EdgeState>
  readonly held: ReadonlyMap<string, Held>
  /** the longest history that an edge has, the oldest first */
  readonly history: readonly Deployed[]
}

const gap = '--quayside-history--'

/** One round trip to each edge and app host. */
export async function readState(
  fleet: Fleet,
  edges: readonly Host[],
  apps: readonly Host[],
): Promise<DeployState> {
  const [edgeResults, appResults] = await Promise.all([
    fleet.run(edges, 'read which colour it serves', () =>
      lines(readEdge, sh`echo; echo ${gap}`, readHistory),
    ),
    fleet.run(apps, 'read which releases it holds', () => lines(readColours, raw(':'))),
  ])
  const split = [...edgeResults].map(([name, { stdout }]) => {
    const [edge = '', history = ''] = stdout.split(gap)
    return { name, edge: parseEdge(edge), history: parseHistory(history) }
  })
  return {
    edges: new Map(split.map(({ name, edge }) => [name, edge])),
    held: new Map([...appResults].map(([name, { stdout }]) => [name, parseColours(stdout)])),
    history: split.map((each) => each.history).sort((a, b) => b.length - a.length)[0] ?? [],
  }
}

/** The colour that all edges serve; undefined when they differ. */
export function liveColour(state: DeployState): Colour | undefined {
  const served = new Set([...state.edges.values()].map((edge) => edge.colour))
  return served.size === 1 ? [...served][0] : undefined
}

/** The release that a colour holds on every app host; undefined when it differs, or one has none. */
export function releaseOf(state: DeployState, colour: Colour): Release | undefined {
  const all = [...state.held.values()].map((held) => held[colour])
  return all.every((each) => sameRelease(each, all[0])) ? all[0] : undefined
}

/** True when no app host holds any release: nothing was ever deployed. */
export function isEmpty(state: DeployState): boolean {
  return [...state.held.values()].every((held) => colours.every((colour) => held[colour] === undefined))
}
