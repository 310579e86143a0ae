import { sh } from '../script/index.ts'
import { dockerName, dockerProbe, orAbsent } from './docker.ts'
import { fields } from './observed.ts'
import { type Common, type Resource, resource, unchanged } from './resource.ts'

/** A named volume of docker. There is no resource that removes one: it holds data. */
export function dockerVolume(name: string, options: Common = {}): Resource {
  dockerName(name, 'name of a volume')
  return resource({
    id: `docker volume ${name}`,
    probe: dockerProbe(sh`docker volume inspect -f 'there=yes' ${name} 2>/dev/null || ${orAbsent}
`),
    read: ({ stdout }) => fields(stdout).has('there'),
    plan: (there) =>
      there
        ? unchanged
        : {
            kind: 'change',
            summary: 'create',
            apply: sh`docker volume create ${name} >/dev/null
`,
          },
    notify: options.notify,
  })
}
