import { healthFlags, layersOf } from '../lib/playbook/health/flags.ts'
import { playbook } from '../lib/playbook/index.ts'
import { everyPlay, stack } from '../roles/stack.ts'

await playbook(import.meta, {
  about: 'Look at every service through every layer, from the disk to the certificate; changes nothing',
  example: 'npx zx playbooks/health.ts --env lab --only https,tls',
  flags: healthFlags,
  plays: stack,
  besides: everyPlay,
  whole: 'it asks every host; --only chooses what',
  validate: layersOf,
  run: async (run) => {
    const { health } = await import('../lib/playbook/health/health.ts')
    const { stackChecks } = await import('../roles/checks.ts')
    await health(run, stackChecks)
  },
})
