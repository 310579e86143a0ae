import type { Release } from '../../lib/deploy/release.ts'
import type { App } from './schema.ts'

/** The image by digest that a release has for an app. */
export function imageOf(app: App, release: Release): string {
  const image = release.images[app.name]
  if (image === undefined) throw new Error(`release ${release.id} has no image for ${app.name}`)
  return image
}
