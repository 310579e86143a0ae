import { dockerProbe } from '../../lib/resource/docker.ts'
import { type Resource, resource, unchanged } from '../../lib/resource/index.ts'
import { sh } from '../../lib/script/index.ts'

/** Whether managers that restart wait for the unlock key. The key itself is printed nowhere. */
export function swarmAutolock(wish: boolean): Resource {
  return resource({
    id: 'swarm autolock',
    probe:
      dockerProbe(sh`docker info -f '{{with .Swarm.Cluster}}{{.Spec.EncryptionConfig.AutoLockManagers}}{{end}}'
`),
    read: ({ stdout }) => stdout.trim() === 'true',
    plan: (is) =>
      is === wish
        ? unchanged
        : {
            kind: 'change',
            summary: wish ? 'lock managers that restart' : 'leave managers that restart unlocked',
            apply: sh`docker swarm update ${`--autolock=${wish}`} >/dev/null
`,
          },
  })
}
