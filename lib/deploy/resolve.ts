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
      return [app.name, await digestOf(fleet, host, `${app.image}:${id}`)] as const
    }),
  )
  return { id, images: Object.fromEntries(found), config: configOf(apps) }
}

/** `repository@sha256:…` of a tagged image, by pulling it on a host. */
export async function digestOf(fleet: Fleet, host: Host, tagged: string): Promise<string> {
  const script = sh`docker pull -q ${tagged} >/dev/null && docker image inspect -f '{{range .RepoDigests}}{{println .}}{{end}}' ${tagged}`
  const results = await fleet.run([host], `look up ${tagged}`, () => script)
  const repository = tagged.replace(/:[^:/]*$/, '')
  const digest = results
    .get(host.name)
    ?.stdout.split('\n')
    .find((line) => line.startsWith(`${repository}@sha256:`))
  if (digest === undefined) throw new QuaysideError(`${tagged} has no digest: was it pushed to its registry?`)
  return digest
}
