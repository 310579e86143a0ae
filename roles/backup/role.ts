import { backupVars } from '../../lib/backup/settings.ts'
import { role } from '../../lib/engine/role.ts'
import { packages } from '../../lib/resource/index.ts'

export const backup = role({
  name: 'backup',
  about: 'What a host needs to compress and encrypt what it is asked to back up',
  vars: backupVars,
  resources: ({ vars }) => (vars.backup_store === undefined ? [] : [packages(['zstd', 'age'])]),
})
