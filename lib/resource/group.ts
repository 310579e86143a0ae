import { sh } from '../script/index.ts'
import { matching, whole } from './argument.ts'
import { type Common, type Resource, resource, unchanged } from './resource.ts'

export interface GroupOptions extends Common {
  readonly gid?: number | undefined
  /** takes its number from the system's range; taken into account at creation alone */
  readonly system?: boolean | undefined
}

/** PATH of a login as root: useradd and its like stand in /usr/sbin. */
export const withSbin = sh`PATH=$PATH:/usr/sbin:/sbin`

/** A group of the host's own. */
export function group(name: string, options: GroupOptions = {}): Resource {
  const { gid, system = false, notify } = options
  accountName(name, 'name of a group')
  const words = [
    ...(gid === undefined ? [] : ['-g', whole(gid, 0, 4_294_967_294, 'gid')]),
    ...(system ? ['-r'] : []),
  ]
  return resource({
    id: `group ${name}`,
    probe: sh`getent group ${name} || :
`,
    read: ({ stdout }) => stdout.split(':')[2],
    plan: (is) => {
      const run = (tool: string, args: readonly (string | number)[]) => sh`set -e
${withSbin}
${tool} ${args} ${name}
`
      if (is === undefined) {
        const summary = gid === undefined ? 'create' : `create (gid ${gid})`
        return { kind: 'change', summary, apply: run('groupadd', words) }
      }
      if (gid === undefined || is === String(gid)) return unchanged
      return { kind: 'change', summary: `gid ${is} → ${gid}`, apply: run('groupmod', ['-g', gid]) }
    },
    notify,
  })
}

/** No group of this name; refused by the host while it is the first group of a user. */
export function absentGroup(name: string, options: Common = {}): Resource {
  accountName(name, 'name of a group')
  return resource({
    id: `group ${name}`,
    probe: sh`getent group ${name} || :
`,
    read: ({ stdout }) => stdout !== '',
    plan: (there) =>
      there
        ? {
            kind: 'change',
            summary: 'remove',
            apply: sh`${withSbin}
groupdel ${name}
`,
          }
        : unchanged,
    notify: options.notify,
  })
}

/** A name as useradd and groupadd of Debian take it. */
export function accountName(name: string, what: string): string {
  return matching(name, /^[a-z_][a-z0-9_-]{0,31}$/, what)
}
