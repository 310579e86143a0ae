import { playbook } from '../../lib/playbook/index.ts'
import { everyPlay } from '../../roles/stack.ts'
import { newRole } from '../role/role.ts'

await playbook(import.meta, {
  about: 'Make every host what the role new-role says',
  example: 'npx zx playbooks/new-playbook.ts --env lab --check --diff',
  plays: [{ hosts: 'all', roles: [newRole] }],
  besides: everyPlay,
})
