import { UsageError } from '../lib/error.ts'
import { type Playbook, playbook, type Run } from '../lib/playbook/index.ts'
import { sh } from '../lib/script/index.ts'
import { convergeSwarm, keepKey, type SwarmWork, swarmSiteOf } from '../lib/swarm/converge.ts'
import { spread } from '../lib/swarm/spread.ts'
import { everyPlay, stack } from '../roles/stack.ts'
import { swarmRoles } from '../roles/swarm/swarm-roles.ts'
import { stackVars, withStack } from './on-swarm/locked.ts'

const flags: Playbook['flags'] = {
  'rotate-tokens': {
    about: 'then make the tokens by which hosts join anew: those that leaked let no one in',
  },
  'rotate-unlock-key': { about: 'then make the key of locked managers anew, and keep it' },
  'allow-quorum-loss': {
    about: 'leave it to the swarm itself whether it loses the majority of its managers',
  },
  'abandon-data': { about: 'let hosts leave it with data that is nowhere else' },
  spread: { about: 'then spread what runs over the nodes, as it is done when one has joined' },
}

// What docker prints of them goes nowhere.
const rotateTokens = sh`docker swarm join-token --rotate -q worker >/dev/null
docker swarm join-token --rotate -q manager >/dev/null`
const rotateKey = sh`docker swarm unlock-key --rotate -q >/dev/null`

await playbook(import.meta, {
  about: 'Make the hosts of groups manager and worker one swarm, as the inventory says',
  example: 'npx zx playbooks/swarm.ts --env lab-swarm --check',
  flags,
  plays: stack,
  besides: everyPlay,
  whole: 'a swarm is of all its hosts',
  run: swarm,
})

async function swarm(run: Run): Promise<void> {
  const { fleet, emit, signal, check, args } = run
  const site = swarmSiteOf(run.inventory)
  if (site === undefined)
    throw new UsageError(`${run.env} has no swarm`, 'its hosts stand in groups manager and worker')
  await fleet.converge(stack)
  const work: SwarmWork = {
    fleet,
    roles: swarmRoles,
    emit,
    signal,
    check,
    quorumMayGo: args.has('allow-quorum-loss'),
    dataMayGo: args.has('abandon-data'),
  }
  const { via, joined } = await convergeSwarm(work, site)
  if (!check && via !== undefined && (joined.length > 0 || args.has('spread')))
    await withStack(run, site, 'spread', (managing) => spread(managing, stackVars(site).stack_name))
  const rotations = [
    ...(args.has('rotate-tokens') ? [{ what: 'join tokens', script: rotateTokens }] : []),
    ...(args.has('rotate-unlock-key') ? [{ what: 'unlock key', script: rotateKey }] : []),
  ]
  for (const { what, script } of rotations) {
    if (check || via === undefined) emit({ type: 'step', text: `would rotate the ${what}` })
    else {
      await fleet.run([via], `rotate the ${what}`, () => script)
      emit({ type: 'step', text: `the ${what} rotated: the old no longer count` })
    }
  }
  const locks = site.managers[0]?.vars.swarm_autolock === true
  if (locks && !check && via !== undefined) await keepKey(work, via)
}
