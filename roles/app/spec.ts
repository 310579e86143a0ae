import type { Colour } from '../../lib/deploy/colour.ts'
import { environmentOf, networkOf, secretsOf } from '../../lib/deploy/container.ts'
import type { Release } from '../../lib/deploy/release.ts'
import { imageOf } from './image-of.ts'
import type { App } from './schema.ts'

/** What every container of an app has in common, one-shot ones too: hardened, limited, its secrets as files. */
export function appSpec(app: App, colour: Colour, release: Release) {
  return {
    image: imageOf(app, release),
    ...(app.command === undefined ? {} : { command: app.command }),
    env: environmentOf(app, colour, release.id),
    mounts: [{ source: secretsOf(app, colour), target: '/run/secrets', readOnly: true }],
    network: networkOf(colour),
    user: `${app.user}:${app.user}`,
    readOnly: true,
    tmpfs: ['/tmp'],
    capDrop: ['ALL'],
    memoryMb: app.memory_mb,
    cpus: app.cpus,
    pidsLimit: 256,
    init: true,
    stopTimeoutSeconds: app.stop_seconds,
    logMaxSize: '10m',
    logMaxFile: 3,
  } as const
}
