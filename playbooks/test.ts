import { fileURLToPath } from 'node:url'
import { program } from '../lib/playbook/index.ts'
import { testCommand, testFlags } from '../lib/playbook/stack/test-command.ts'
import { agentlab } from '../stack/agentlab.ts'
import { checks } from '../stack/checks/index.ts'
import { ports } from '../stack/nginx/conf.ts'
import { test } from '../stack/settings/test.ts'

const folder = fileURLToPath(new URL('../compose', import.meta.url))

await program(import.meta, {
  about: 'A stack of its own for tests: the checks, then a command of yours, and it is taken away',
  arguments: '[COMMAND…]',
  example: 'npx zx playbooks/test.ts -- npm test',
  flags: testFlags,
  run: (life) =>
    testCommand(
      {
        stack: agentlab,
        setting: test,
        folder,
        envFile: `${folder}/test.env`,
        serverNames: ['localhost', '127.0.0.1', '::1'],
        checks,
        front: { service: 'nginx', port: ports.https },
        prepare: async (to) => { const { execSync } = await import('node:child_process'); execSync(`mkdir -p -m 700 ${to}/secrets/test && cp -a ${folder}/secrets/dev/. ${to}/secrets/test/`) },
      },
      life,
    ),
})
