import type { ConfigFile, Mount, Network, Resources, SecretFile, Service, Volume } from './model.ts'

/** Where a stack runs: what development, tests and production add to its services, or say otherwise. */
export interface Setting {
  readonly name: string
  /** the comment at the head of its file: what it is for and how it is used */
  readonly about: string
  /** of each of the stack's services that runs in it */
  readonly services: Readonly<Record<string, ServiceSetting>>
  /** services that only it has */
  readonly more?: readonly Service[]
  readonly networks?: readonly Network[]
  readonly volumes?: readonly Volume[]
  readonly secrets?: readonly SecretFile[]
  readonly configs?: readonly ConfigFile[]
  /** volumes of the stack that it does not keep */
  readonly without?: readonly string[]
  /** the directory of its secrets, relative to the folder of the files */
  readonly secretsIn: string
}

export interface ServiceSetting {
  /** instead of the service's own */
  readonly image?: string
  readonly build?: Build
  readonly command?: readonly string[]
  /** added to the service's own */
  readonly environment?: Readonly<Record<string, string>>
  readonly secrets?: readonly string[]
  readonly configs?: Readonly<Record<string, string>>
  readonly networks?: readonly string[]
  readonly mounts?: readonly Mount[]
  /** instead of the service's own, in part */
  readonly resources?: Partial<Resources>
  readonly ports?: readonly Port[]
  readonly after?: Readonly<Record<string, Readiness>>
  readonly restart?: Restart
  /** Swarm's: how many, where, and how they are replaced */
  readonly deploy?: Deploy
}

export interface Build {
  readonly context: string
  readonly target?: string
  readonly args?: Readonly<Record<string, string>>
  /** secrets of the build by name: files that it reads and no layer keeps */
  readonly secrets?: Readonly<Record<string, string>>
  /** where its steps reach the network: Docker's own default, or `host` */
  readonly network?: string
}

/** All as text, since each may be a `${NAME:-default}`. */
export interface Port {
  readonly address?: string
  readonly published: string
  readonly target: number
  /** Swarm: on the node itself, by no routing mesh */
  readonly host?: boolean
}

/** What a service waits for in another. */
export type Readiness = 'started' | 'healthy' | 'completed'

/** Docker's engine waits longer before each restart, from 100 ms to a minute. */
export type Restart = 'no' | 'on-failure' | 'unless-stopped'

export interface Deploy {
  readonly replicas: string | 'one on each node'
  readonly constraints?: readonly string[]
  /** start-first: no moment without it; stop-first: never two over one volume or port */
  readonly order: 'start-first' | 'stop-first'
  /** how long an update is watched before it counts */
  readonly monitorSeconds: number
  /** between one task and the next: a task that dies within it is the only one that was exchanged */
  readonly delaySeconds: string
}

/** A service as it is in a setting: what both say, put together. */
export interface Placed {
  readonly service: Service
  readonly own: ServiceSetting
}

export function placed(services: readonly Service[], setting: Setting): readonly Placed[] {
  const ofStack = services
    .filter(({ name }) => setting.services[name] !== undefined)
    .map((service) => ({ service, own: setting.services[service.name] ?? {} }))
  const unknown = Object.keys(setting.services).filter(
    (name) => ![...services, ...(setting.more ?? [])].some((each) => each.name === name),
  )
  if (unknown.length > 0) throw new TypeError(`${setting.name}: no service is called ${unknown.join(', ')}`)
  const more = (setting.more ?? []).map((service) => ({ service, own: setting.services[service.name] ?? {} }))
  return [...ofStack, ...more]
}

/** Both in one: the service with its setting's words over its own. */
export function merged({ service, own }: Placed): Service {
  return {
    ...service,
    image: own.image ?? service.image,
    ...(own.command && { command: own.command }),
    environment: { ...service.environment, ...own.environment },
    secrets: [...(service.secrets ?? []), ...(own.secrets ?? [])],
    configs: { ...service.configs, ...own.configs },
    networks: [...service.networks, ...(own.networks ?? [])],
    mounts: overMounts(service.mounts ?? [], own.mounts ?? []),
    resources: { ...service.resources, ...own.resources },
  }
}

/** As Compose merges them: what is mounted at the same place takes the other's. */
function overMounts(under: readonly Mount[], over: readonly Mount[]): readonly Mount[] {
  const taken = new Set(over.map(({ target }) => target))
  return [...under.filter(({ target }) => !taken.has(target)), ...over]
}
