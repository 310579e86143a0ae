import { fileURLToPath } from 'node:url'
import { program } from '../lib/playbook/index.ts'
import { newCommand, newFlags } from '../lib/playbook/new-command.ts'

await program(import.meta, {
  about: 'Make the files of a role, a playbook or an environment of your own, ready to be run and changed',
  arguments: 'role NAME|playbook NAME|env NAME',
  example: 'npx zx playbooks/new.ts role banner',
  flags: newFlags,
  run: ({ args, print }) =>
    newCommand(
      {
        root: fileURLToPath(new URL('..', import.meta.url)),
        plays: async () => (await import('../roles/stack.ts')).everyPlay,
        print,
      },
      args,
    ),
})
