import { fileURLToPath } from 'node:url'
import { envCommand } from '../lib/playbook/env/command.ts'
import { envFlags } from '../lib/playbook/env/flags.ts'
import { program } from '../lib/playbook/index.ts'
import { redact } from '../lib/secret/index.ts'

await program(import.meta, {
  about:
    'The settings and secrets of a stage that Docker Compose runs: check them, make what is missing, compare',
  arguments: 'check [STAGE]|init STAGE|diff STAGE [STAGE]|example [STAGE]',
  example: 'npx zx playbooks/env.ts init dev',
  flags: envFlags,
  async run({ args, print }) {
    const { stages } = await import('../stack/environment/index.ts')
    return envCommand(
      {
        all: stages,
        directory: fileURLToPath(new URL('../compose', import.meta.url)),
        print,
        printError: (line) => console.error(redact(line)),
      },
      args,
    )
  },
})
