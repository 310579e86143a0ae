import type { StackFile, Words } from '../stack-file.ts'

/** What a deploy is about to ask of the nodes. */
export interface Expected {
  readonly stack: string
  readonly services: readonly ExpectedService[]
  /** networks between nodes are */
  readonly encrypted: boolean
  /** in MB; on a node with less no image is pulled */
  readonly diskFreeMb: number
  readonly connections: Connections | undefined
  readonly keepalives: readonly Keepalive[]
}

export interface ExpectedService {
  readonly name: string
  /** with a tag, or with a digest */
  readonly image: string
  /** "node.labels.edge == true" */
  readonly constraints: readonly string[]
  /** false: found by the addresses of its tasks (dnsrr); true: by one address of its own, which is IPVS' */
  readonly virtual: boolean
  /** ports of the node itself */
  readonly ports: readonly number[]
}

/** Connections that pools may open, against what the database has for them. */
export interface Connections {
  /** containers of the api, with the one more that there is while another is replaced */
  readonly containers: number
  readonly each: number
  /** undefined where the database is somebody else's */
  readonly most: number | undefined
}

/** After how many seconds a server asks an idle connection whether it is there; 0 where it leaves that to the kernel. */
export interface Keepalive {
  readonly service: string
  readonly seconds: number
}

/** What a stack's file says of each service. */
export function servicesOf({ services }: StackFile): readonly ExpectedService[] {
  return Object.entries(services).map(([name, service]) => {
    const deploy = (service.deploy ?? {}) as Words
    const placement = (deploy.placement ?? {}) as Words
    const ports = (service.ports ?? []) as readonly Words[]
    return {
      name,
      image: String(service.image),
      constraints: (placement.constraints ?? []) as readonly string[],
      virtual: (deploy.endpoint_mode ?? 'vip') !== 'dnsrr',
      ports: ports.filter(({ mode }) => mode === 'host').map(({ published }) => Number(published)),
    }
  })
}
