import type { Fleet } from '../engine/fleet.ts'
import type { Host } from '../inventory/inventory.ts'
import { sh } from '../script/index.ts'

/** How an image says what its migrations do: `LABEL quayside.migration=contract`. */
const migrationLabel = 'quayside.migration'

/** The variable that asks for a verified restore before such migrations. */
export const contractRestoreHours = {
  type: 'integer',
  minimum: 1,
  description: `a release whose image has the label ${migrationLabel}=contract is refused unless a drill verified a restore within so many hours`,
} as const

/**
 * Apps whose migrations contract: they take away what the database holds (a column, a table, a width), which no rollback of
 * the release brings back. `images` are those that migrate, by app; the host pulls one that it has not got.
 */
export async function contracting(
  fleet: Fleet,
  host: Host,
  images: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const format = `{{index .Config.Labels "${migrationLabel}"}}`
  const found = await Promise.all(
    Object.entries(images).map(async ([name, image]) => {
      const script = sh`docker image inspect -f x ${image} >/dev/null 2>&1 || docker pull -q ${image} >/dev/null || exit
docker image inspect -f ${format} ${image}`
      const results = await fleet.run([host], `look at the image of ${name}`, () => script)
      return results.get(host.name)?.stdout.trim() === 'contract' ? [name] : []
    }),
  )
  return found.flat()
}
