import type { Colour } from '../../lib/deploy/colour.ts'
import { type Resource, resource, unchanged } from '../../lib/resource/resource.ts'
import { sh } from '../../lib/script/index.ts'

/** No container of a colour but the named ones: an app that left the inventory, a replica too many. */
export function strayContainers(colour: Colour, keep: readonly string[]): Resource {
  return resource({
    id: `stray containers of ${colour}`,
    probe: sh`docker ps -a --filter ${`label=quayside.colour=${colour}`} --format '{{.Names}}'`,
    read: ({ stdout }) => stdout.split('\n').filter((name) => name !== '' && !keep.includes(name)),
    plan: (strays) =>
      strays.length === 0
        ? unchanged
        : {
            kind: 'change',
            summary: `remove ${strays.join(', ')}`,
            apply: sh`docker stop ${strays} >/dev/null; docker rm -f ${strays} >/dev/null`,
          },
  })
}
