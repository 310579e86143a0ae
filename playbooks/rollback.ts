import { colours } from '../lib/deploy/colour.ts'
import { UsageError } from '../lib/error.ts'
import { playbook } from '../lib/playbook/index.ts'
import { swarmSiteOf } from '../lib/swarm/converge.ts'
import { everyPlay, stack } from '../roles/stack.ts'
import { rollback } from './blue-green/rollback.ts'
import { rollbackOnSwarm } from './on-swarm/rollback.ts'

await playbook(import.meta, {
  about: 'Go back to the release before, or to any in the history: in seconds while it is still warm',
  example: 'npx zx playbooks/rollback.ts --env staging',
  flags: {
    to: { about: 'a release of the history; the one before unless told', value: 'TAG' },
    colour: {
      about: 'no release, only: have every edge serve this colour (repairs a mixed fleet; blue-green alone)',
      value: 'COLOUR',
    },
  },
  plays: stack,
  besides: everyPlay,
  whole: 'a rollback is on every host or on none',
  validate: (args) => {
    const colour = args.text('colour')
    if (colour !== undefined && !colours.some((each) => each === colour))
      throw new UsageError(`"${colour}" is no colour`, `--colour ${colours.join(', or --colour ')}`)
    if (colour !== undefined && args.has('to')) throw new UsageError('--to and --colour exclude each other')
  },
  run: async (run) => {
    const site = swarmSiteOf(run.inventory)
    await (site === undefined ? rollback(run) : rollbackOnSwarm(run, site))
  },
})
