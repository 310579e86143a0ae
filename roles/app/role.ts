import { colours } from '../../lib/deploy/colour.ts'
import { networkOf } from '../../lib/deploy/container.ts'
import { role } from '../../lib/engine/role.ts'
import { directory, dockerNetwork } from '../../lib/resource/index.ts'
import { appVars } from './schema.ts'

/** What an app host needs before any release: the colours' networks and folders. Containers come with a deploy. */
export const app = role({
  name: 'app',
  about: 'Makes a host ready for the containers of a blue and a green release',
  vars: appVars,
  resources: () => [
    directory('/var/lib/quayside/deploy', { mode: 0o755 }),
    directory('/etc/quayside/app', { mode: 0o700 }),
    ...colours.flatMap((colour) => [
      directory(`/etc/quayside/app/${colour}`, { mode: 0o700 }),
      dockerNetwork(networkOf(colour)),
    ]),
  ],
})
