import { playbook } from '../lib/playbook/index.ts'
import { everyPlay, stack } from '../roles/stack.ts'

await playbook(import.meta, {
  about: 'Converge every host to what the inventory says',
  example: 'npx zx playbooks/site.ts --env lab --check --diff',
  plays: stack,
  besides: everyPlay,
})
