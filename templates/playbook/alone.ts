import { role } from '../../lib/engine/role.ts'
import { playbook } from '../../lib/playbook/index.ts'
import { file } from '../../lib/resource/index.ts'
import { everyPlay } from '../../roles/stack.ts'

/** What the playbook makes of a host. Once it wants variables of its own: npx zx playbooks/new.ts role NAME */
const newPlaybook = role({
  name: 'new-playbook',
  about: 'A file with the name of its host: what there is to begin with',
  vars: { type: 'object', additionalProperties: false, properties: {} },
  resources: ({ host }) => [file('/etc/new-playbook', { content: `${host.name}\n` })],
})

await playbook(import.meta, {
  about: 'Write the name of each host to /etc/new-playbook',
  example: 'npx zx playbooks/new-playbook.ts --env lab --check --diff',
  plays: [{ hosts: 'all', roles: [newPlaybook] }],
  besides: everyPlay,
})
