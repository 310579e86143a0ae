import { type Resource, resource, unchanged } from '../../lib/resource/index.ts'
import { sh } from '../../lib/script/index.ts'
import { acceptsConfig } from './validate.ts'

/**
 * Tries the configuration that is there with the image that the container is about to be made of: a file is only tried
 * when it changes itself. An nginx that cannot run with it would take the one that serves with it.
 */
export function newImageTakes(image: string, path: string, http3: boolean): Resource {
  return resource({
    id: `nginx of ${image} takes ${path}`,
    probe: sh`now=$(docker container inspect -f '{{.Image}}' nginx 2>/dev/null) || now=
[ "$now" != "" ] && [ "$now" != "$(docker image inspect -f '{{.Id}}' ${image} 2>/dev/null)" ] && echo another
:
`,
    read: ({ stdout }) => stdout.includes('another'),
    plan: (another) =>
      another
        ? {
            kind: 'change',
            summary: 'try it, before the container is made of it',
            apply: sh`{
${acceptsConfig(image, path, http3)}
} >&2
`,
            timeoutSeconds: 60,
            unverifiable: true,
          }
        : unchanged,
  })
}
