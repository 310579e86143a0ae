import { sh } from '../script/index.ts'
import { absolutePath, oneLine } from './argument.ts'
import { replaceAtomically } from './candidate.ts'
import { lacksFolder, readLacks } from './lacks.ts'
import { fields } from './observed.ts'
import { type Common, Conflict, type Resource, resource, unchanged } from './resource.ts'

/** A symbolic link, replaced atomically; the target may be relative, and need not be there. */
export function link(path: string, target: string, options: Common = {}): Resource {
  absolutePath(path)
  if (oneLine(target, 'target') === '') throw new TypeError('target must not be empty')
  const apply = replaceAtomically(path, (candidate) => sh`ln -s -- ${target} ${candidate}`)
  return resource({
    id: `link ${path}`,
    // In base64: a target may hold line ends, and what an echo takes for an escape.
    probe: sh`if [ -L ${path} ]; then echo "target=$(readlink -n -- ${path} | base64 -w 0)"; elif [ -e ${path} ]; then echo other=yes; fi
${lacksFolder(path)}
`,
    read: ({ stdout }) => fields(stdout),
    plan: (found) => {
      if (found.has('other')) {
        throw new Conflict(`a file or directory stands at ${path}, where a link should be`, {
          hint: 'look at what it is, and remove it or choose another path',
        })
      }
      const encoded = found.get('target')
      const is = encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString()
      if (is === target) return unchanged
      const lacks = readLacks(found)
      return is === undefined
        ? { kind: 'change', summary: 'create', diff: `+${target}`, apply, ...lacks }
        : {
            kind: 'change',
            summary: 'target changed',
            diff: `-${is.replaceAll('\n', '\\n')}\n+${target}`,
            apply,
          }
    },
    notify: options.notify,
  })
}
