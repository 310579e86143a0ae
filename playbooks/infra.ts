import { fileURLToPath } from 'node:url'
import { program } from '../lib/playbook/index.ts'
import { infraArguments, infraCommand } from '../lib/playbook/infra/command.ts'
import { infraFlags } from '../lib/playbook/infra/flags.ts'

await program(import.meta, {
  about: 'Make the hosts of an environment and what is around them with Terraform, and an inventory of them',
  arguments: infraArguments,
  example: 'npx zx playbooks/infra.ts apply --env staging',
  flags: infraFlags,
  run: (life) => infraCommand(fileURLToPath(new URL('..', import.meta.url)), life),
})
