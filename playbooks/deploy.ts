import {
  bringUp,
  contracting,
  cutOver,
  type Deploy,
  deployLock,
  idleColour,
  isServing,
  releaseOf,
  resolveRelease,
  sameRelease,
  settledState,
  siteOf,
} from '../lib/deploy/index.ts'
import { withLock } from '../lib/engine/lock.ts'
import { UsageError } from '../lib/error.ts'
import { isLab } from '../lib/playbook/environment.ts'
import { lookAfterFlip } from '../lib/playbook/health/after-flip.ts'
import { playbook, type Run } from '../lib/playbook/index.ts'
import { convergeSwarm, type SwarmSite, swarmSiteOf } from '../lib/swarm/converge.ts'
import { deployStack } from '../lib/swarm/deploy.ts'
import { reachedManagers } from '../lib/swarm/majority.ts'
import { spread } from '../lib/swarm/spread.ts'
import { colourRoles } from '../roles/app/colour-roles.ts'
import { stackChecks } from '../roles/checks.ts'
import { others, stack } from '../roles/stack.ts'
import type { SwarmVars } from '../roles/swarm/schema.ts'
import { swarmRoles } from '../roles/swarm/swarm-roles.ts'
import { agentlabOnSwarm, demandSettings } from '../stack/on-swarm.ts'
import { preflightOf } from '../stack/preflight.ts'

await playbook(import.meta, {
  about:
    'Deploy a release, blue-green or to a swarm: no request is lost, and any failure leaves the old one serving',
  example: 'npx zx playbooks/deploy.ts --env staging --release v1.4.2',
  flags: {
    release: {
      about: "the images' tag; in the lab, what docker/ holds unless told",
      value: 'TAG',
      short: 'r',
    },
    unproven: { about: 'although its migrations contract, and no restore was verified lately' },
  },
  plays: stack,
  reads: others,
  whole: 'a deploy is on every host or on none',
  validate: (args) => demandTag(args.text('release')),
  run: async (run) => {
    const site = swarmSiteOf(run.inventory)
    await (site === undefined ? deploy(run) : deployToSwarm(run, site))
  },
})

async function deployToSwarm(run: Run, site: SwarmSite): Promise<void> {
  const { fleet, emit, signal, check } = run
  const [first] = site.managers
  if (first === undefined) return
  // Its variables passed the role's schema; the stack's are the same on every host.
  const vars = first.vars as unknown as SwarmVars
  demandSettings(vars)
  const id = await releaseId(run)
  await fleet.converge(stack)
  const mayGo = { quorumMayGo: false, dataMayGo: false }
  const swarm = await convergeSwarm({ fleet, roles: swarmRoles, emit, signal, check, ...mayGo }, site)
  await preflightOf(run, site, swarm, vars, id)
  if (check) {
    emit({ type: 'step', text: `would deploy ${id} to the swarm, as ${vars.stack_name}` })
    return
  }
  signal.throwIfAborted()
  const managers = await reachedManagers(fleet, site.managers, emit)
  await withLock(fleet, managers, deployLock('deploy'), async () => {
    const [manager = first] = managers
    const release = await agentlabOnSwarm(fleet, manager, vars, id)
    const patienceSeconds = vars.stack_patience_seconds
    const deploying = { fleet, managers, patienceSeconds, emit, signal }
    await deployStack(deploying, release)
    if (swarm.joined.length > 0) await spread(deploying, vars.stack_name)
  })
  const { printPlaces } = await import('../lib/lab/places.ts')
  printPlaces(run.env, run.print)
}

async function deploy(run: Run): Promise<void> {
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
    if (site.restoreHours !== undefined && !run.args.has('unproven')) {
      const apps = await contracting(fleet, first, site.apps, release)
      const { demandProof } = await import('../lib/playbook/backup/demand-proof.ts')
      if (apps.length > 0)
        await demandProof(
          run,
          `the migrations of ${apps.join(', ')} contract the database`,
          site.restoreHours,
        )
    }
    const idle = idleColour(state, live)
    await bringUp(work, idle, release)
    await cutOver(work, { from: live, to: idle, kind: 'deploy' }, release)
  })
  const { printPlaces } = await import('../lib/lab/places.ts')
  printPlaces(run.env, run.print)
}

function demandTag(tag: string | undefined): void {
  if (tag !== undefined && !/^[\w][\w.-]{0,127}$/.test(tag))
    throw new UsageError(
      `"${tag}" cannot be the tag of an image`,
      'letters, digits, ".", "_" and "-", at most 128',
    )
}

async function releaseId(run: Run): Promise<string> {
  const given = run.args.text('release')
  if (!isLab(run.env)) {
    if (given !== undefined) return given
    throw new UsageError('which release?', '--release TAG: the tag that your build pushed the images under')
  }
  const { buildSample, demandSample, hasSample, sampleRelease } = await import('../lib/lab/sample.ts')
  if (given !== undefined) {
    await demandSample(given)
    return given
  }
  const id = await sampleRelease()
  const log = (text: string) => run.emit({ type: 'note', text: `lab: ${text}` })
  if (!run.check && !(await hasSample(id))) {
    log(`building the sample app as ${id} (minutes, the first time)`)
    await buildSample(id, log, run.args.count('verbose') > 0)
  }
  return id
}
