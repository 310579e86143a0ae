import { containerNames, hostPorts } from '../../lib/deploy/container.ts'
import {
  type Check,
  containersCheck,
  type Deployed,
  type Expected,
  heldColours,
  isSpare,
  portCheck,
  webCheck,
} from '../../lib/health/index.ts'
import type { Host } from '../../lib/inventory/inventory.ts'
import { imageOf } from './image-of.ts'
import type { App, AppVars } from './schema.ts'

/** What a host of the group db is asked for by each app host or node: what a firewall between them lets through. */
export interface Backend {
  readonly service: 'postgres' | 'redis'
  readonly host: Host
  readonly address: string
  readonly port: number
}

/** Every container of both colours on an app host, and health and version of those that serve, each on its own port. */
export function appChecks(host: Host, deployed: Deployed, backends: readonly Backend[]): readonly Check[] {
  const { apps } = host.vars as unknown as AppVars
  const colours = heldColours(deployed, host.name)
  const served = colours.filter((colour) => !isSpare(deployed, colour))
  const expected = colours.flatMap((colour) =>
    apps.flatMap((app) =>
      containerNames(app, colour).map(
        (name): Expected => ({
          name,
          service: app.name,
          image: imageHeld(app, deployed.held.get(host.name)?.[colour]),
          spare: isSpare(deployed, colour),
        }),
      ),
    ),
  )
  return [
    ...(expected.length === 0 ? [] : [containersCheck(host, expected)]),
    // Of a warm colour Docker's word is enough: whether it answers matters to a rollback, which asks before it flips.
    ...served.flatMap((colour) =>
      apps.flatMap((app) =>
        hostPorts(app, colour).flatMap((port, index) => {
          const asked = (path: string, release?: string) =>
            webCheck({
              host,
              service: app.name,
              layer: 'query',
              url: `http://${urlHost(host.privateAddress)}:${port}${path}`,
              what: `${containerNames(app, colour)[index]} ${path}`,
              release,
            })
          const release = deployed.held.get(host.name)?.[colour]?.id
          return [asked(app.health), ...(app.version === undefined ? [] : [asked(app.version, release)])]
        }),
      ),
    ),
    ...backends.map(({ service, host: { name }, address, port }) =>
      portCheck({ from: host, service, address, port, of: name }),
    ),
  ]
}

/** The ports of the colour that is served, as an edge reaches them. */
export function upstreamChecks(edge: Host, appHosts: readonly Host[], deployed: Deployed): readonly Check[] {
  return appHosts.flatMap((host) => {
    const { apps } = host.vars as unknown as AppVars
    return heldColours(deployed, host.name)
      .filter((colour) => !isSpare(deployed, colour))
      .flatMap((colour) =>
        apps.flatMap((app) =>
          hostPorts(app, colour).map((port) =>
            portCheck({ from: edge, service: app.name, address: host.privateAddress, port, of: host.name }),
          ),
        ),
      )
  })
}

// A release of before an app was added has no image of it: its container is then another finding, not a fault here.
function imageHeld(app: App, release: Parameters<typeof imageOf>[1] | undefined): string | undefined {
  return release?.images[app.name] === undefined ? undefined : imageOf(app, release)
}

function urlHost(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}
