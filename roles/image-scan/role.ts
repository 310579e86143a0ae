import { role } from '../../lib/engine/role.ts'
import { scanVars } from '../../lib/scan/vars.ts'

export const imageScan = role({
  name: 'image-scan',
  about: 'How images are scanned before a deploy: variables alone, a host needs nothing for it',
  vars: scanVars,
  platforms: 'any',
  resources: () => [],
})
