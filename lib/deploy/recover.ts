import type { Emit } from '../engine/event.ts'
import type { Fleet } from '../engine/fleet.ts'
import { QuaysideError } from '../error.ts'
import type { Colour } from './colour.ts'
import { putBack } from './flip.ts'
import type { Site } from './site.ts'
import { type DeployState, liveColour, readState } from './state.ts'

/**
 * What the hosts say, after undoing a flip that a dead run left half-made: its journal tells which colour all edges
 * served before.
 */
export async function settledState(
  fleet: Fleet,
  site: Site,
  emit: Emit,
): Promise<{ state: DeployState; live: Colour }> {
  let state = await readState(fleet, site.edges, site.appHosts)
  const flip = [...state.edges.values()].find((edge) => edge.flip !== undefined)?.flip
  if (flip !== undefined) {
    emit({ type: 'step', text: `an earlier run died while flipping to ${flip.release}: undoing it` })
    await putBack(fleet, site.edges, flip.from, emit)
    state = await readState(fleet, site.edges, site.appHosts)
  }
  const live = liveColour(state)
  if (live === undefined) {
    const served = [...state.edges].map(([name, edge]) => `${name} ${edge.colour}`).join(', ')
    throw new QuaysideError(`the edges serve different colours (${served}), and no journal says why`, {
      hint: 'decide for one: rollback.ts --colour blue, or --colour green',
    })
  }
  return { state, live }
}
