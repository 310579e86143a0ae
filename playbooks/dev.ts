import { fileURLToPath } from 'node:url'
import { program } from '../lib/playbook/index.ts'
import { devArguments, devCommand, devFlags } from '../lib/playbook/stack/dev-command.ts'
import { agentlab } from '../stack/agentlab.ts'
import { dev } from '../stack/settings/dev.ts'

const folder = fileURLToPath(new URL('../compose', import.meta.url))

await program(import.meta, {
  about: 'The whole stack on this machine for development: sources reload on change, debuggers attach',
  arguments: devArguments,
  example: 'npx zx playbooks/dev.ts up',
  flags: devFlags,
  run: (life) =>
    devCommand(
      {
        stack: agentlab,
        setting: dev,
        folder,
        envFile: `${folder}/dev.env`,
        serverNames: ['localhost', '127.0.0.1', '::1'],
        prepare: async () => {},
      },
      life,
    ),
})
