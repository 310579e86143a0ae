import type { Colour } from '../../lib/deploy/colour.ts'
import type { Release } from '../../lib/deploy/release.ts'
import { createArguments } from '../../lib/resource/container-argv.ts'
import { type Script, sh } from '../../lib/script/index.ts'
import type { App } from './schema.ts'
import { appSpec } from './spec.ts'

/** Runs an app's migrations in a container of the new release that ends with them; what it prints goes to stderr. */
export function migrate(app: App, colour: Colour, release: Release): Script {
  const name = `${app.name}-migrate`
  const { command: _, ...spec } = appSpec(app, colour, release)
  const words = createArguments(name, { ...spec, command: app.migrate, restart: 'no', health: 'none' })
  return sh`docker rm -f ${name} >/dev/null 2>&1 || :
docker run --rm ${words} >&2`
}
