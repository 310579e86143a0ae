import { UsageError } from '../lib/error.ts'
import { playbook } from '../lib/playbook/index.ts'
import { swarmSiteOf } from '../lib/swarm/converge.ts'
import { everyPlay, stack } from '../roles/stack.ts'
import { replicasOf, scaleOnSwarm } from './on-swarm/scale.ts'

await playbook(import.meta, {
  about: 'Run more or fewer containers of services of a swarm, until the next deploy',
  arguments: 'SERVICE=N…',
  example: 'npx zx playbooks/scale.ts --env lab-swarm api=3 web=3',
  plays: stack,
  besides: everyPlay,
  whole: 'a stack is scaled as a whole',
  validate: (args) => void replicasOf(args.positionals),
  run: async (run) => {
    const site = swarmSiteOf(run.inventory)
    if (site === undefined)
      throw new UsageError(
        `${run.env} has no swarm`,
        'blue-green: `replicas` of an app in the inventory says how many run on each host, and deploy.ts makes it so',
      )
    await scaleOnSwarm(run, site)
  },
})
