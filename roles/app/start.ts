import type { Colour } from '../../lib/deploy/colour.ts'
import { containerNames, hostPorts } from '../../lib/deploy/container.ts'
import { paths } from '../../lib/deploy/paths.ts'
import type { Release } from '../../lib/deploy/release.ts'
import { type Role, role } from '../../lib/engine/role.ts'
import { container, file } from '../../lib/resource/index.ts'
import { appVars } from './schema.ts'
import { appSpec } from './spec.ts'
import { strayContainers } from './stray.ts'

/** The containers of one colour, healthy, and then the record of which release the colour holds. */
export function startColour(colour: Colour, release: Release): Role {
  return role({
    name: 'app',
    about: `Runs the ${colour} release`,
    vars: appVars,
    resources: ({ vars, host }) => [
      strayContainers(
        colour,
        vars.apps.flatMap((app) => containerNames(app, colour)),
      ),
      ...vars.apps.flatMap((app) =>
        containerNames(app, colour).map((name, index) =>
          container(name, {
            ...appSpec(app, colour, release),
            networkAlias: app.name,
            ports: [
              { address: host.privateAddress, host: hostPorts(app, colour)[index] ?? 0, container: app.port },
            ],
            labels: { 'quayside.colour': colour, 'quayside.app': app.name, 'quayside.release': release.id },
            // The image knows how to ask; how often is ours: a check each second of every container is a load of its own.
            health: {
              intervalSeconds: 30,
              timeoutSeconds: 5,
              retries: 3,
              startPeriodSeconds: app.start_seconds,
            },
            revision: release.config,
            waitHealthySeconds: app.start_seconds,
          }),
        ),
      ),
      file(`${paths.state}/${colour}.json`, { content: `${JSON.stringify(release)}\n` }),
    ],
  })
}
