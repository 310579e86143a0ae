import type { Fleet } from '../engine/fleet.ts'
import type { Host } from '../inventory/inventory.ts'
import { sh } from '../script/index.ts'
import type { App } from './app.ts'
import type { Release } from './release.ts'

/** How an image says what its migrations do: `LABEL quayside.migration=contract`. */
export const migrationLabel = 'quayside.migration'

/**
 * Apps whose migrations contract: they take away what the database holds (a column, a table, a width), which no rollback of
 * the release brings back. The host has their images already.
 */
export async function contracting(
  fleet: Fleet,
  host: Host,
  apps: readonly App[],
  { images }: Release,
): Promise<readonly string[]> {
  const migrating = apps.filter(({ migrate }) => migrate !== undefined)
  const format = `{{index .Config.Labels "${migrationLabel}"}}`
  const found = await Promise.all(
    migrating.map(async ({ name }) => {
      const script = sh`docker image inspect -f ${format} ${images[name] ?? ''}`
      const results = await fleet.run([host], `look at the image of ${name}`, () => script)
      return results.get(host.name)?.stdout.trim() === 'contract' ? [name] : []
    }),
  )
  return found.flat()
}
