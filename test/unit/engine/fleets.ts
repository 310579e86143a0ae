import type { Connection, Target } from '../../../lib/connection/connection.ts'
import { ConnectionError } from '../../../lib/connection/error.ts'
import { openConnection } from '../../../lib/connection/open.ts'
import type { Event } from '../../../lib/engine/event.ts'
import { Fleet, type FleetOptions } from '../../../lib/engine/fleet.ts'
import { role } from '../../../lib/engine/role.ts'
import type { Host, Inventory } from '../../../lib/inventory/inventory.ts'
import type { Resource } from '../../../lib/resource/index.ts'
import { localTarget } from './local.ts'

const hostNamed = (name: string, target: Target): Host => ({
  name,
  groups: ['all'],
  privateAddress: '127.0.0.1',
  target,
  vars: {},
})

/** Hosts that are all this machine, what they were asked, and what was told of them. */
export interface TestFleet {
  readonly fleet: Fleet
  readonly events: Event[]
  readonly connections: Connection[]
  /** "h1 file /a changed", a line a resource */
  outcomes(): readonly string[]
  /** the hosts that failed, with their messages */
  failures(): readonly string[]
}

/** A fleet of hosts that are this machine, as the user who runs the tests, unless `target` says otherwise. */
export function fleetOf(
  names: readonly string[],
  options: Partial<FleetOptions> & {
    unreachable?: string
    target?: (name: string) => Target
    wrap?: (connection: Connection) => Connection
  } = {},
): TestFleet {
  const { target = (name) => ({ ...localTarget, name }) } = options
  const hosts = names.map((name) => hostNamed(name, target(name)))
  const events: Event[] = []
  const connections: Connection[] = []
  const inventory: Inventory = {
    env: 'test',
    dir: '/',
    hosts,
    select: (name) => (name === 'all' ? hosts : hosts.filter((host) => host.name === name)),
  }
  const { unreachable, target: _, wrap = (connection) => connection, ...rest } = options
  const fleet = new Fleet({
    inventory,
    connect: async (host) => {
      if (host.name === unreachable) throw new ConnectionError(host.name, 'connection refused')
      const connection = wrap(await openConnection(host.target))
      connections.push(connection)
      return connection
    },
    forks: 5,
    check: false,
    emit: (event) => events.push(event),
    signal: new AbortController().signal,
    ...rest,
  })
  return {
    fleet,
    events,
    connections,
    outcomes: () =>
      events.flatMap((event) =>
        event.type === 'resource' ? [`${event.host} ${event.id} ${event.outcome}`] : [],
      ),
    failures: () => events.flatMap((event) => (event.type === 'host-failed' ? [event.error.message] : [])),
  }
}

/** A role of these resources, without variables; `tags` are those that they use. */
export function roleOf(
  name: string,
  resources: (host: string) => readonly Resource[],
  tags: readonly string[] = [],
) {
  return role({
    name,
    about: name,
    tags,
    platforms: 'any',
    vars: { type: 'object', properties: {}, additionalProperties: false },
    resources: ({ host }) => resources(host.name),
  })
}
