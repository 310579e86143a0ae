import { UsageError } from '../lib/error.ts'
import { type Args, playbook } from '../lib/playbook/index.ts'
import { swarmSiteOf } from '../lib/swarm/converge.ts'
import { everyPlay, stack } from '../roles/stack.ts'
import { maintenance } from './blue-green/maintenance.ts'
import { maintenanceOnSwarm } from './on-swarm/maintenance.ts'

await playbook(import.meta, {
  about: 'Close the site to its users (503, with a page that says so), and open it again; the apps run on',
  arguments: 'on|off',
  example: 'npx zx playbooks/maintenance.ts on --env staging',
  plays: stack,
  besides: everyPlay,
  whole: 'a site is closed on every edge or on none',
  validate: (args) => void closes(args),
  run: async (run) => {
    const close = closes(run.args)
    const site = swarmSiteOf(run.inventory)
    await (site === undefined ? maintenance(run, close) : maintenanceOnSwarm(run, site, close))
  },
})

function closes(args: Args): boolean {
  const [word, extra] = args.positionals
  if (extra === undefined && (word === 'on' || word === 'off')) return word === 'on'
  throw new UsageError(
    word === undefined ? 'on, or off?' : `"${args.positionals.join(' ')}" is neither on nor off`,
    'on closes the site, off opens it',
  )
}
