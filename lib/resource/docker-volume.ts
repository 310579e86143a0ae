import { sh } from '../script/index.ts'
import { absolutePath } from './argument.ts'
import { dockerName, dockerProbe, orAbsent } from './docker.ts'
import { fields } from './observed.ts'
import { type Common, Conflict, type Resource, resource, unchanged } from './resource.ts'

export interface DockerVolumeOptions extends Common {
  /**
   * the directory that holds its data, on a disk of its own; docker's own place unless told. A container that uses it does
   * not start while the directory is not there: it never gets an empty one in its place
   */
  readonly directory?: string | undefined
}

/** A named volume of docker. There is no resource that removes one, or makes it anew elsewhere: it holds data. */
export function dockerVolume(name: string, options: DockerVolumeOptions = {}): Resource {
  const { directory, notify } = options
  dockerName(name, 'name of a volume')
  const place =
    directory === undefined
      ? []
      : ['--opt', 'type=none', '--opt', 'o=bind', '--opt', `device=${absolutePath(directory)}`]
  return resource({
    id: `docker volume ${name}`,
    probe: dockerProbe(sh`docker volume inspect -f 'there=yes
directory={{with .Options}}{{.device}}{{end}}' ${name} 2>/dev/null || ${orAbsent}
`),
    read: ({ stdout }) => fields(stdout),
    plan: (found) => {
      if (!found.has('there'))
        return {
          kind: 'change',
          summary: 'create',
          apply: sh`docker volume create ${place} ${name} >/dev/null
`,
        }
      const is = found.get('directory') ?? ''
      if (directory !== undefined && is !== directory)
        throw new Conflict(
          `the volume ${name} has its data ${is === '' ? "in docker's own place" : `in ${is}`}`,
          {
            hint: `it shall be in ${directory}: a person has to move it`,
          },
        )
      return unchanged
    },
    notify,
  })
}
