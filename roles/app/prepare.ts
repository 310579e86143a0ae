import type { Colour } from '../../lib/deploy/colour.ts'
import { secretsOf } from '../../lib/deploy/container.ts'
import type { Release } from '../../lib/deploy/release.ts'
import { type Role, role } from '../../lib/engine/role.ts'
import { directory, file, image } from '../../lib/resource/index.ts'
import type { Resource } from '../../lib/resource/resource.ts'
import { imageOf } from './image-of.ts'
import { type App, appVars } from './schema.ts'

/** What a colour needs before its containers start: the release's images, and the apps' secrets as files. */
export function prepareColour(colour: Colour, release: Release): Role {
  return role({
    name: 'app',
    about: `Fetches the images and writes the secrets of the ${colour} release`,
    vars: appVars,
    resources: ({ vars }) =>
      vars.apps.flatMap((app) => [image(imageOf(app, release)), ...secretFiles(app, colour)]),
  })
}

/** Readable by the app's own user alone: the folder above is root's, and the files are never in an environment. */
function secretFiles(app: App, colour: Colour): readonly Resource[] {
  const folder = secretsOf(app, colour)
  const owner = String(app.user)
  return [
    directory(folder, { mode: 0o500, owner, group: owner }),
    ...Object.entries(app.secrets).map(([name, value]) =>
      file(`${folder}/${name}`, { content: value, mode: 0o400, owner, group: owner }),
    ),
  ]
}
