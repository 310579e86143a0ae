import { type Script, sh } from '../script/index.ts'
import { whole } from './argument.ts'
import { label } from './container-argv.ts'
import { awaitHealthy, removeContainer, replaceContainer } from './container-script.ts'
import { type ContainerSpec, canonicalSpec, checkSpec, specDiff, specHash } from './container-spec.ts'
import { dockerName, dockerProbe, orAbsent } from './docker.ts'
import { fields } from './observed.ts'
import { type Change, type Common, type Plan, type Resource, resource, unchanged } from './resource.ts'

export interface ContainerOptions extends ContainerSpec, Common {
  /** how long a new container may take to become healthy, or to stay up where it has no health check; 60 unless told */
  readonly waitHealthySeconds?: number | undefined
}

interface Observed {
  readonly absent: boolean
  readonly status: string
  readonly health: string
  /** id of the image that the container was made from */
  readonly image: string
  /** id of the image that the spec's reference names now; empty where the host does not have it */
  readonly named: string
  readonly hash: string
  readonly json: string
}

const format = `status={{.State.Status}}
health={{if .State.Health}}{{.State.Health.Status}}{{end}}
image={{.Image}}
hash={{index .Config.Labels "${label.hash}"}}
json={{index .Config.Labels "${label.json}"}}`

/** A running container: made anew when its spec or the image behind its name has changed. */
export function container(name: string, options: ContainerOptions): Resource {
  const { notify, waitHealthySeconds = 60, ...spec } = options
  dockerName(name, 'name of a container')
  checkSpec(spec)
  whole(waitHealthySeconds, 1, 3600, 'waitHealthySeconds')
  const change = (summary: string, act: Script, diff?: string): Change => ({
    kind: 'change',
    summary,
    ...(diff === undefined || diff === '' ? {} : { diff }),
    apply: sh`set -e
${act}
${awaitHealthy(name, waitHealthySeconds)}
`,
    timeoutSeconds: 900 + waitHealthySeconds + (spec.stopTimeoutSeconds ?? 10),
  })
  return resource({
    id: `container ${name}`,
    probe: dockerProbe(sh`docker container inspect -f ${format} ${name} 2>/dev/null || ${orAbsent}
docker image inspect -f 'named={{.Id}}' ${spec.image} 2>/dev/null || :
`),
    read: ({ stdout }) => readContainer(stdout),
    plan: (observed) => planContainer(name, spec, observed, change),
    notify,
  })
}

/** No container of this name. What it kept in volumes stays. */
export function absentContainer(
  name: string,
  options: Common & { readonly stopTimeoutSeconds?: number | undefined } = {},
): Resource {
  dockerName(name, 'name of a container')
  const seconds = whole(options.stopTimeoutSeconds ?? 10, 0, 3600, 'stopTimeoutSeconds')
  return resource({
    id: `container ${name}`,
    probe:
      dockerProbe(sh`docker container inspect -f 'status={{.State.Status}}' ${name} 2>/dev/null || ${orAbsent}
`),
    read: ({ stdout }) => fields(stdout),
    plan: (observed): Plan =>
      observed.has('absent')
        ? unchanged
        : {
            kind: 'change',
            summary: `remove (${observed.get('status')})`,
            apply: sh`set -e
${removeContainer(name, seconds)}
`,
            timeoutSeconds: 120 + seconds,
          },
    notify: options.notify,
  })
}

function planContainer(
  name: string,
  spec: ContainerSpec,
  observed: Observed,
  change: (summary: string, act: Script, diff?: string) => Change,
): Plan {
  const canonical = canonicalSpec(spec)
  const replace = replaceContainer(name, spec)
  if (observed.absent) return change('create', replace, specDiff('{}', canonical))
  if (observed.hash === '') return change('replace: not made by Quayside', replace, specDiff('{}', canonical))
  if (observed.hash !== specHash(canonical)) {
    return change('replace: its spec changed', replace, specDiff(observed.json, canonical))
  }
  if (observed.named !== '' && observed.named !== observed.image) {
    const diff = `-${spec.image} is ${short(observed.image)}\n+${spec.image} is ${short(observed.named)}`
    return change('replace: its image changed', replace, diff)
  }
  if (observed.status === 'paused') return change('unpause', sh`docker unpause ${name} >/dev/null`)
  if (observed.status === 'created' || observed.status === 'exited') {
    return change(`start (${observed.status})`, sh`docker start ${name} >/dev/null`)
  }
  if (observed.status !== 'running') {
    return change(`restart (${observed.status})`, sh`docker restart ${name} >/dev/null`)
  }
  if (observed.health === 'unhealthy')
    return change('restart: unhealthy', sh`docker restart ${name} >/dev/null`)
  if (observed.health === 'starting') return change('wait until healthy', sh``)
  return unchanged
}

function readContainer(stdout: string): Observed {
  const found = fields(stdout)
  const of = (key: string) => found.get(key) ?? ''
  return {
    absent: found.has('absent'),
    status: of('status'),
    health: of('health'),
    image: of('image'),
    named: of('named'),
    hash: of('hash'),
    json: of('json'),
  }
}

function short(id: string): string {
  return id.slice(0, 'sha256:'.length + 12)
}
