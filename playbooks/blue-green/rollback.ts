import { type Colour, colours } from '../../lib/deploy/colour.ts'
import {
  bringUp,
  cutOver,
  type Deploy,
  type DeployState,
  deployLock,
  other,
  putBack,
  type Release,
  readState,
  releaseOf,
  type Site,
  sameRelease,
  settledState,
  siteOf,
} from '../../lib/deploy/index.ts'
import { configOf } from '../../lib/deploy/release.ts'
import { isWarm } from '../../lib/deploy/warm.ts'
import { withLock } from '../../lib/engine/lock.ts'
import { QuaysideError } from '../../lib/error.ts'
import type { Run } from '../../lib/playbook/index.ts'
import { colourRoles } from '../../roles/app/colour-roles.ts'

/** Switches every edge back: at once where the release is still warm. */
export async function rollback(run: Run): Promise<void> {
  const { fleet, emit, signal, args } = run
  const site = siteOf(run.inventory)
  const colour = colours.find((each) => each === args.text('colour'))
  if (run.check) return foretell(run, site)
  await withLock(fleet, site.edges, deployLock('rollback'), async () => {
    if (colour !== undefined) return putBack(fleet, site.edges, colour, emit)
    const { state, live } = await settledState(fleet, site, emit)
    const target = targetOf(state, live, args.text('to'), site)
    const work: Deploy = { fleet, site, roles: colourRoles, emit, signal }
    const idle = other(live)
    const warm = sameRelease(releaseOf(state, idle), target) && (await isWarm(fleet, site, idle))
    if (!warm) {
      emit({ type: 'step', text: `${target.id} is not warm: starting it as ${idle}` })
      await bringUp(work, idle, { ...target, config: configOf(site.apps) })
    }
    await cutOver(work, { from: live, to: idle, kind: 'rollback' }, target)
  })
}

async function foretell(run: Run, site: Site): Promise<void> {
  const state = await readState(run.fleet, site.edges, site.appHosts)
  const live = [...state.edges.values()][0]?.colour ?? 'blue'
  const target = targetOf(state, live, run.args.text('to'), site)
  run.emit({ type: 'step', text: `would go back to ${target.id}, as ${other(live)}` })
}

/** The release to go back to: what the idle colour holds, else the last one in the history that is not live now. */
function targetOf(state: DeployState, live: Colour, wanted: string | undefined, site: Site): Release {
  const now = releaseOf(state, live)
  const warm = releaseOf(state, other(live))
  if (wanted === undefined && warm !== undefined && state.history.some((each) => sameRelease(each, warm)))
    return warm
  if (wanted !== undefined && warm?.id === wanted) return warm
  const fits = (each: Release) => (wanted === undefined ? !sameRelease(each, now) : each.id === wanted)
  const found = state.history.findLast(fits)
  if (found === undefined) {
    const ids = [...new Set(state.history.map((each) => each.id))].join(', ')
    throw new QuaysideError(
      wanted === undefined ? 'there is no release to go back to' : `release ${wanted} is not in the history`,
      {
        hint: ids === '' ? 'nothing was deployed yet' : `the history of ${site.edges[0]?.name}: ${ids}`,
        exitCode: 2,
      },
    )
  }
  return { id: found.id, images: found.images, config: found.config }
}
