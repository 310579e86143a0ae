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

/** The image registry, which is also where images are built. Not a host of the inventory. */
export const registryMachine = machine('registry', '10.213.77.10', { 5000: 5077 })

/** The object store, where backups go: an S3 server. Not a host of the inventory. */
export const storeMachine = machine('store', '10.213.77.9', { 9000: 5078 })

export const machines: readonly Machine[] = [...hosts, registryMachine, storeMachine]

/** What image references begin with, inside the lab. */
export const registryName = 'registry.lab:5000'

/** Names that every machine of the lab resolves. */
export const names: ReadonlyMap<string, string> = new Map([
  ...machines.map(({ name, address }): [string, string] => [name, address]),
  ['registry.lab', registryMachine.address],
  ['store.lab', storeMachine.address],
])

export const containerOf = (name: string): string => `quayside-lab-${name}`

/** Docker volumes of a machine: what must not lie on an overlay, and what outlives its container. */
export function volumesOf(name: string): ReadonlyMap<string, string> {
  const volumes = new Map([
    [`quayside-lab-${name}-docker`, '/var/lib/docker'],
    [`quayside-lab-${name}-containerd`, '/var/lib/containerd'],
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
