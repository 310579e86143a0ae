import { playbook } from '../lib/playbook/index.ts'
import { logsFlags, wantedOf } from '../lib/playbook/logs/flags.ts'
import { keptBy } from '../roles/log-store/kept.ts'
import { everyPlay, stack } from '../roles/stack.ts'

await playbook(import.meta, {
  about: 'What the containers of all hosts said, in the order of time: of a service, a request, a level',
  arguments: '[SERVICE…]',
  example: 'npx zx playbooks/logs.ts --env lab api nginx --since 10m --level warning',
  flags: logsFlags,
  plays: stack,
  besides: everyPlay,
  whole: 'it asks every host, or the log store; --hosts chooses some',
  validate: (args) => void wantedOf(args),
  run: async (run) => {
    const { logs } = await import('../lib/playbook/logs/logs.ts')
    await logs(run, keptBy(run.inventory))
  },
})
