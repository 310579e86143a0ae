import { demandCommand } from '../lib/playbook/exec/words.ts'
import { playbook } from '../lib/playbook/index.ts'
import { everyPlay, stack } from '../roles/stack.ts'

await playbook(import.meta, {
  about:
    'Run a command in a container of a service, of the release that is served; its exit code is the run’s',
  arguments: 'SERVICE -- COMMAND…',
  example: 'npx zx playbooks/exec.ts --env lab api -- python3 -m app.migrate --help',
  flags: {
    host: { about: 'on this host; on the first that has the service unless told', value: 'HOST' },
  },
  plays: stack,
  besides: everyPlay,
  whole: 'it looks on every host for the service; --host names one',
  validate: (args) => void demandCommand(args),
  run: async (run) => {
    const { execute } = await import('../lib/playbook/exec/exec.ts')
    await execute(run)
  },
})
