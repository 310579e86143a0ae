import type { Fleet } from '../engine/fleet.ts'
import { QuaysideError } from '../error.ts'
import type { Host } from '../inventory/inventory.ts'
import { sh } from '../script/index.ts'
import type { App } from './app.ts'
import { configOf, type Release } from './release.ts'

/** Turns a tag into digests by pulling it on one app host: a tag that cannot be looked up is an error, never a guess. */
export async function resolveRelease(
  fleet: Fleet,
  host: Host,
  apps: readonly App[],
  id: string,
): Promise<Release> {
  const found = await Promise.all(
    apps.map(async (app) => {
      const tagged = `${app.image}:${id}`
      const script = sh`docker pull -q ${tagged} >/dev/null && docker image inspect -f '{{range .RepoDigests}}{{println .}}{{end}}' ${tagged}`
      const results = await fleet.run([host], `look up ${tagged}`, () => script)
      const digest = results
        .get(host.name)
        ?.stdout.split('\n')
        .find((line) => line.startsWith(`${app.image}@sha256:`))
      if (digest === undefined)
        throw new QuaysideError(`${tagged} has no digest: was it pushed to its registry?`)
      return [app.name, digest] as const
    }),
  )
  return { id, images: Object.fromEntries(found), config: configOf(apps) }
}
