import { sh } from '../script/index.ts'
import { oneWord } from './container-spec.ts'
import { dockerProbe, orAbsent } from './docker.ts'
import { fields } from './observed.ts'
import { type Common, type Resource, resource, unchanged } from './resource.ts'

/** An image on the host, by tag or by digest. A tag that is there is not fetched again: name a digest to be sure. */
export function image(reference: string, options: Common = {}): Resource {
  oneWord(reference, 'reference of an image')
  return resource({
    // Twelve digits of a digest tell images apart, and leave the line readable.
    id: `image ${reference.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+$/, '$1')}`,
    probe: dockerProbe(sh`docker image inspect -f 'id={{.Id}}' ${reference} 2>/dev/null || ${orAbsent}
`),
    read: ({ stdout }) => fields(stdout).has('id'),
    plan: (there) =>
      there
        ? unchanged
        : {
            kind: 'change',
            summary: 'pull',
            apply: sh`docker pull -q ${reference} >/dev/null
`,
            timeoutSeconds: 1800,
          },
    notify: options.notify,
  })
}
