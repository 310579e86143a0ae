import { role } from '../../lib/engine/role.ts'
import { exit, QuaysideError } from '../../lib/error.ts'
import { packages } from '../../lib/resource/index.ts'
import { swarmVars } from './schema.ts'

/** What a host needs to be of a swarm. The swarm itself is the affair of all hosts together: playbooks/swarm.ts. */
export const swarm = role({
  name: 'swarm',
  about: 'A host of a swarm',
  vars: swarmVars,
  resources: ({ vars, host }) => {
    if (host.vars.docker_live_restore === true)
      throw new QuaysideError(`${host.name}: Swarm refuses an engine with live-restore`, {
        hint: 'docker_live_restore: false',
        exitCode: exit.usage,
      })
    if (host.groups.includes('edge') && vars.swarm_labels.edge === 'true')
      throw new QuaysideError(
        `${host.name}: the nginx of group edge and the stack's, by its label, would want the same ports`,
        {
          hint: 'edges of a swarm are in a group of another name, as in inventory/production',
          exitCode: exit.usage,
        },
      )
    // flock for deploys, curl to ask the engine by its API.
    return [packages(['curl', 'util-linux'])]
  },
})
