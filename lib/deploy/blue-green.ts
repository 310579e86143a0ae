import type { Emit } from '../engine/event.ts'
import type { Fleet } from '../engine/fleet.ts'
import { whoami } from '../engine/lock.ts'
import type { Role } from '../engine/role.ts'
import { messageOf } from '../error.ts'
import type { Script } from '../script/index.ts'
import { sh } from '../script/index.ts'
import type { App } from './app.ts'
import { type Colour, other } from './colour.ts'
import { containerNames } from './container.ts'
import { drain } from './drain.ts'
import { flip, proveLive, proveReady } from './flip.ts'
import { appendHistory } from './history.ts'
import type { Deployed, Release } from './release.ts'
import type { Site } from './site.ts'
import { type DeployState, isEmpty } from './state.ts'

/** What a deploy needs of the roles, which lib/ does not know. */
export interface ColourRoles {
  /** images and secrets on the host, nothing started */
  prepare(colour: Colour, release: Release): Role
  /** containers up and healthy */
  start(colour: Colour, release: Release): Role
  /** the one-shot container of an app's migrations */
  migrate(app: App, colour: Colour, release: Release): Script
}

export interface Deploy {
  readonly fleet: Fleet
  readonly site: Site
  readonly roles: ColourRoles
  readonly emit: Emit
  readonly signal: AbortSignal
  /** what fails of the apps once every edge is switched, a line each; not given: nobody looks further than the flip itself */
  readonly faults?: () => Promise<readonly string[]>
}

/** The colour that a new release goes to: the one that is not served, or blue on hosts that never had a release. */
export function idleColour(state: DeployState, live: Colour): Colour {
  return isEmpty(state) ? live : other(live)
}

/** Puts a release on the idle colour, everywhere, while the other goes on serving. */
export async function bringUp(deploy: Deploy, colour: Colour, release: Release): Promise<void> {
  const { fleet, site, roles, emit } = deploy
  try {
    await fleet.converge([{ hosts: 'app', roles: [roles.prepare(colour, release)] }])
    fleet.demand('the release could not be prepared on every app host')
    await migrate(deploy, colour, release)
    await fleet.converge([{ hosts: 'app', roles: [roles.start(colour, release)] }])
    fleet.demand('the release did not start on every app host')
    deploy.signal.throwIfAborted()
  } catch (error) {
    await stopColour(deploy, colour)
    throw error
  }
  emit({ type: 'step', text: `${release.id} is up and healthy as ${colour} on ${names(site.appHosts)}` })
}

/**
 * Makes a colour that is up the one that is served: every edge must reach it and pass the smoke test before any is
 * switched; each must answer with the release after, and the apps be well. Until then, and after any failure, the old one serves.
 */
export async function cutOver(
  deploy: Deploy,
  move: { from: Colour; to: Colour; kind: Deployed['kind'] },
  release: Release,
): Promise<void> {
  const { fleet, site, emit, signal } = deploy
  const started = performance.now()
  await proveReady(fleet, site, move.to, release)
  signal.throwIfAborted()
  const text = `${names(site.edges)}: each reaches ${move.to} and passes the smoke test`
  emit({ type: 'step', text, ms: performance.now() - started })
  await flip(deploy, { from: move.from, to: move.to, release: release.id }, release)
  const deployed: Deployed = {
    ...release,
    colour: move.to,
    at: new Date().toISOString(),
    by: whoami(),
    kind: move.kind,
  }
  await fleet.run(site.edges, 'write the history', () => appendHistory(deployed))
  if (move.from !== move.to)
    await drain(fleet, site.appHosts, site.apps, move.from, site.drainSeconds, emit, signal)
}

/** True when a colour is served by every edge as this release: nothing is left to do. */
export async function isServing(deploy: Deploy, colour: Colour, release: Release): Promise<boolean> {
  try {
    await proveReady(deploy.fleet, deploy.site, colour, release)
    await proveLive(deploy.fleet, deploy.site, colour, release)
    return true
  } catch (error) {
    deploy.emit({ type: 'note', text: `${release.id} is live but not well: ${messageOf(error)}` })
    return false
  }
}

async function migrate(deploy: Deploy, colour: Colour, release: Release): Promise<void> {
  const [host] = deploy.site.appHosts
  if (host === undefined) return
  for (const app of deploy.site.apps) {
    if (app.migrate === undefined) continue
    deploy.signal.throwIfAborted()
    const started = performance.now()
    const step = `migrate ${app.name} (${app.migrate.join(' ')})`
    await deploy.fleet.run([host], step, () => deploy.roles.migrate(app, colour, release), {
      timeoutSeconds: 3600,
    })
    deploy.emit({ type: 'step', text: `${step} on ${host.name}`, ms: performance.now() - started })
  }
}

/** What did not come up must not go on restarting; its containers stay, stopped, to be looked at. */
async function stopColour(deploy: Deploy, colour: Colour): Promise<void> {
  const { fleet, site, emit } = deploy
  const containers = site.apps.flatMap((app) => containerNames(app, colour))
  try {
    await fleet.run(
      site.appHosts,
      `stop ${colour}`,
      () => sh`docker stop -t 5 ${containers} >/dev/null 2>&1 || :`,
    )
    emit({
      type: 'note',
      text: `the containers of ${colour} are stopped; docker logs still has what they said`,
    })
  } catch (error) {
    emit({ type: 'note', text: `${colour} could not be stopped everywhere: ${messageOf(error)}` })
  }
}

function names(hosts: readonly { name: string }[]): string {
  return hosts.map((host) => host.name).join(', ')
}
