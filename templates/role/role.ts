import { role } from '../../lib/engine/role.ts'
import { directory, file } from '../../lib/resource/index.ts'
import { newRoleVars } from './schema.ts'

const folder = '/etc/new-role'

export const newRole = role({
  name: 'new-role',
  about: 'A folder with a text in it: what a host has to begin with',
  vars: newRoleVars,
  resources: ({ vars }) => [
    directory(folder),
    file(`${folder}/text`, { content: `${vars.new_role_text}\n` }),
  ],
})
