import { role } from '../../../lib/engine/role.ts'
import { playbook } from '../../../lib/playbook/index.ts'
import { directory, file } from '../../../lib/resource/index.ts'

/** All hosts share one file system: each has a folder of its own. */
const folder = role({
  name: 'folder',
  about: 'A folder and a file named after the host',
  vars: { type: 'object', properties: {}, additionalProperties: false },
  resources: ({ host }) => [
    directory(`/srv/scale/${host.name}`),
    file(`/srv/scale/${host.name}/name`, { content: `${host.name}\n` }),
  ],
})

await playbook(import.meta, {
  about: 'For the test of 200 hosts, some of which are not well',
  example: 'npx vitest run --project soak test/soak/scale.test.ts',
  plays: [{ hosts: 'all', roles: [folder] }],
})
