import { siteOf } from '../lib/deploy/index.ts'
import { playbook } from '../lib/playbook/index.ts'
import { demandWords, scanFlags } from '../lib/playbook/scan/flags.ts'
import { swarmSiteOf } from '../lib/swarm/converge.ts'
import { others, stack } from '../roles/stack.ts'

await playbook(import.meta, {
  about: 'Scan images for packages with security fixes pending; runs nothing of them, and changes nothing',
  arguments: '[IMAGE…]',
  example: 'npx zx playbooks/scan.ts --env staging --release v1.4.2',
  flags: scanFlags,
  plays: stack,
  reads: others,
  whole: 'it looks at images; name those that you mean',
  validate: demandWords,
  run: async (run) => {
    const { scan } = await import('../lib/playbook/scan/scan.ts')
    const { namedTarget, releaseTarget, serviceTargets } = await import('../lib/playbook/scan/targets.ts')
    const { inventory, args } = run
    if (args.positionals.length > 0) return scan(run, namedTarget(inventory, args.positionals))
    const id = args.text('release')
    const site = swarmSiteOf(inventory)
    if (site === undefined)
      return scan(run, [...(await releaseTarget(run, siteOf(inventory), id)), ...serviceTargets(inventory)])
    const { stackTarget } = await import('./on-swarm/scan.ts')
    return scan(run, await stackTarget(run, site, id))
  },
})
