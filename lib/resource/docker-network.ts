import { sh } from '../script/index.ts'
import { matching } from './argument.ts'
import { dockerName, dockerProbe, orAbsent } from './docker.ts'
import { fields } from './observed.ts'
import { type Common, type Resource, resource, unchanged } from './resource.ts'

export interface DockerNetworkOptions extends Common {
  /** no way out of the host; false unless told */
  readonly internal?: boolean | undefined
  /** "10.80.0.0/24"; docker chooses unless told */
  readonly subnet?: string | undefined
}

const format = 'internal={{.Internal}}\nsubnet={{range .IPAM.Config}}{{.Subnet}} {{end}}'

/** A bridge network of docker. One that differs is made anew, which docker refuses while a container is on it. */
export function dockerNetwork(name: string, options: DockerNetworkOptions = {}): Resource {
  const { internal = false, subnet, notify } = options
  dockerName(name, 'name of a network')
  if (subnet !== undefined) matching(subnet, /^[0-9a-fA-F.:]+\/\d{1,3}$/, 'subnet')
  const words = [...(internal ? ['--internal'] : []), ...(subnet === undefined ? [] : ['--subnet', subnet])]
  const create = sh`docker network create ${words} ${name} >/dev/null
`
  return resource({
    id: `docker network ${name}`,
    probe: dockerProbe(sh`docker network inspect -f ${format} ${name} 2>/dev/null || ${orAbsent}
`),
    read: ({ stdout }) => fields(stdout),
    plan: (found) => {
      if (found.has('absent')) return { kind: 'change', summary: 'create', apply: create }
      const is = { internal: found.get('internal') === 'true', subnet: found.get('subnet')?.trim() ?? '' }
      const differs = [
        ...(is.internal === internal ? [] : [`internal ${is.internal} → ${internal}`]),
        ...(subnet === undefined || is.subnet.split(' ').includes(subnet)
          ? []
          : [`subnet ${is.subnet} → ${subnet}`]),
      ]
      if (differs.length === 0) return unchanged
      const apply = sh`set -e
docker network rm ${name} >/dev/null
${create}`
      return { kind: 'change', summary: `replace: ${differs.join(', ')}`, apply }
    },
    notify,
  })
}

/** No network of this name; docker refuses while a container is on it. */
export function absentDockerNetwork(name: string, options: Common = {}): Resource {
  dockerName(name, 'name of a network')
  return resource({
    id: `docker network ${name}`,
    probe: dockerProbe(sh`docker network inspect -f 'there=yes' ${name} 2>/dev/null || ${orAbsent}
`),
    read: ({ stdout }) => fields(stdout).has('absent'),
    plan: (absent) =>
      absent
        ? unchanged
        : {
            kind: 'change',
            summary: 'remove',
            apply: sh`docker network rm ${name} >/dev/null
`,
          },
    notify: options.notify,
  })
}
