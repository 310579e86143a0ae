import { fileURLToPath } from 'node:url'
import { checkCommand, checkFlags } from '../lib/playbook/check-command.ts'
import { program } from '../lib/playbook/index.ts'
import { redact } from '../lib/secret/index.ts'

await program(import.meta, {
  about:
    'Look for mistakes that need no host to be found: types, variables, tags, images, Dockerfiles, secrets, drift',
  example: 'npm run check -- --env staging',
  flags: checkFlags,
  run: ({ args, print }) =>
    checkCommand(
      {
        root: fileURLToPath(new URL('..', import.meta.url)),
        plays: async () => (await import('../roles/stack.ts')).everyPlay,
        written: async () => (await import('../stack/written.ts')).written,
        print,
        printError: (line) => console.error(redact(line)),
      },
      args,
    ),
})
