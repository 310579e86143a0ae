import { playbook } from '../lib/playbook/index.ts'
import { swarmSiteOf } from '../lib/swarm/converge.ts'
import { everyPlay, stack } from '../roles/stack.ts'
import { status } from './blue-green/status.ts'
import { statusOfSwarm } from './on-swarm/status.ts'

await playbook(import.meta, {
  about:
    'Show which release is served and where, what each host or service runs, the last deploys, and owed handlers',
  example: 'npx zx playbooks/status.ts --env lab',
  plays: stack,
  besides: everyPlay,
  whole: 'it asks every host',
  run: async (run) => {
    const site = swarmSiteOf(run.inventory)
    await (site === undefined ? status(run) : statusOfSwarm(run, site))
  },
})
