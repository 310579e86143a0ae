/** One machine of the lab: its private address, and which of its ports this machine's loopback carries. */
export interface Machine {
  readonly name: string
  readonly address: string
  readonly ports: Readonly<Record<number, number>>
}

const machine = (name: string, address: string, ports: Record<number, number>): Machine => ({
  name,
  address,
  ports,
})

export const network = { name: 'quayside-lab', subnet: '10.213.77.0/24' } as const

/** The hosts that playbooks work on. `ports` maps a port of the host to one on 127.0.0.1. */
export const hosts: readonly Machine[] = [
  machine('edge-1', '10.213.77.11', { 22: 22011, 80: 8081, 443: 8441 }),
  machine('edge-2', '10.213.77.12', { 22: 22012, 80: 8082, 443: 8442 }),
  machine('app-1', '10.213.77.21', { 22: 22021 }),
  machine('app-2', '10.213.77.22', { 22: 22022 }),
  machine('db-1', '10.213.77.31', { 22: 22031 }),
]

/** The hosts of the environment lab-swarm, beside those of `lab`: made for it alone, and removed by themselves. */
export const swarmHosts: readonly Machine[] = [
  machine('swarm-1', '10.213.77.41', { 22: 22041, 80: 8091, 443: 8451 }),
  machine('swarm-2', '10.213.77.42', { 22: 22042, 80: 8092, 443: 8452 }),
  machine('swarm-3', '10.213.77.43', { 22: 22043, 80: 8093, 443: 8453 }),
  machine('swarm-4', '10.213.77.44', { 22: 22044 }),
]

/** The image registry, which is also where images are built. Not a host of the inventory. */
export const registryMachine = machine('registry', '10.213.77.10', { 5000: 5077 })

/** The object store, where backups go: an S3 server. Not a host of the inventory. */
export const storeMachine = machine('store', '10.213.77.9', { 9000: 5078 })

/** The environments whose hosts are made on this machine: their hosts, and what else those need. */
export const labs = {
  lab: { hosts, services: [registryMachine, storeMachine] },
  'lab-swarm': { hosts: swarmHosts, services: [registryMachine] },
} as const satisfies Record<string, { hosts: readonly Machine[]; services: readonly Machine[] }>

export type LabName = keyof typeof labs

export function isLabName(env: string): env is LabName {
  return Object.hasOwn(labs, env)
}

/** The machines of `lab`. */
export const machines: readonly Machine[] = [...hosts, registryMachine, storeMachine]

export const everyMachine: readonly Machine[] = [...machines, ...swarmHosts]

/** What image references begin with, inside the lab. */
export const registryName = 'registry.lab:5000'

/** Names that every machine of the lab resolves. */
export const names: ReadonlyMap<string, string> = new Map([
  ...everyMachine.map(({ name, address }): [string, string] => [name, address]),
  ['registry.lab', registryMachine.address],
  ['store.lab', storeMachine.address],
])

/** The swarm's are called quayside-swarm-1 and so on: what is done to every quayside-lab-… leaves them alone. */
export const containerOf = (name: string): string =>
  swarmHosts.some((each) => each.name === name) ? `quayside-${name}` : `quayside-lab-${name}`

/** Docker volumes of a machine: what must not lie on an overlay, and what outlives its container. */
export function volumesOf(name: string): ReadonlyMap<string, string> {
  const volumes = new Map([
    [`${containerOf(name)}-docker`, '/var/lib/docker'],
    [`${containerOf(name)}-containerd`, '/var/lib/containerd'],
  ])
  if (name === registryMachine.name) volumes.set('quayside-lab-registry-images', '/var/lib/docker-registry')
  if (name === storeMachine.name) return new Map([['quayside-lab-store-objects', '/var/lib/store']])
  return volumes
}

/** The port on 127.0.0.1 that reaches a port of a machine. */
export function publishedPort(machine: Machine, port: number): number {
  const published = machine.ports[port]
  if (published === undefined) throw new Error(`${machine.name} publishes no port ${port}`)
  return published
}
