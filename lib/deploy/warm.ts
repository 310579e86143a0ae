import type { Fleet } from '../engine/fleet.ts'
import { sh } from '../script/index.ts'
import type { Colour } from './colour.ts'
import { containerNames } from './container.ts'
import type { Site } from './site.ts'

/** True when every container of a colour runs on every app host: it can be switched to as it is. */
export async function isWarm(fleet: Fleet, site: Site, colour: Colour): Promise<boolean> {
  const names = site.apps.flatMap((app) => containerNames(app, colour))
  const results = await fleet.run(
    site.appHosts,
    `look whether ${colour} is warm`,
    () => sh`docker inspect -f '{{.State.Running}}' ${names} 2>/dev/null || :`,
  )
  return [...results.values()].every(
    ({ stdout }) => stdout.split('\n').filter((line) => line === 'true').length === names.length,
  )
}
