import { posix } from 'node:path'
import { sh } from '../script/index.ts'
import { type Account, absolutePath, account, octal } from './argument.ts'
import { lacksAccounts, lacksRoom, readLacks } from './lacks.ts'
import { fields } from './observed.ts'
import { type Common, Conflict, type Resource, resource, unchanged } from './resource.ts'
import { type Access, accessChanges, accessScript, readStanding, standingScript } from './standing.ts'

export interface DirectoryOptions extends Common {
  /** 0o755 unless told */
  readonly mode?: number | undefined
  /** root unless told */
  readonly owner?: Account | undefined
  /** root unless told */
  readonly group?: Account | undefined
}

/** A directory with this mode and owner; its parents are made with 0755. Anything else in its place is a Conflict. */
export function directory(path: string, options: DirectoryOptions = {}): Resource {
  absolutePath(path)
  const access: Access = {
    mode: options.mode ?? 0o755,
    owner: account(options.owner ?? 'root', 'owner'),
    group: account(options.group ?? 'root', 'group'),
  }
  const mode = octal(access.mode)
  return resource({
    id: `directory ${path}`,
    probe: sh`${standingScript(path)}
${lacksAccounts(access)}${lacksRoom(path)}
`,
    read: ({ stdout }) => fields(stdout),
    plan: (found) => {
      const is = readStanding(found.get('standing'))
      const lacks = readLacks(found)
      if (is.type === 'absent') {
        const apply = sh`set -e
umask 022
mkdir -p -- ${posix.dirname(path)}
mkdir -m 0700 -- ${path}
${accessScript(path, access)}
`
        return { kind: 'change', summary: `create (mode ${mode})`, apply, ...lacks }
      }
      if (is.type !== 'directory') throw inTheWay(path, is.type)
      const differs = accessChanges(is, access)
      if (differs.length === 0) return unchanged
      return {
        kind: 'change',
        summary: differs.join(', '),
        apply: sh`set -e
${accessScript(path, access)}
`,
        ...lacks,
      }
    },
    notify: options.notify,
  })
}

/** A TypeError for a path that a system stands on, where nothing may be cleared away wholesale. */
export function refuseSystemPath(path: string): void {
  // /srv/app has two segments; /etc, /var and the like have one, and /usr/lib, /var/lib and their like are no one's to remove.
  const systemPath =
    /^\/[^/]*$|^\/(?:usr|var|boot|proc|sys|dev)\/[^/]+$|^\/etc\/(?:ssl|ssh|apt|systemd|pam\.d)$/
  if (systemPath.test(path)) throw new TypeError(`${path} belongs to the system: it is not removed`)
}

/** No directory at this path: it goes with all that it holds. Paths that a system stands on are refused. */
export function absentDirectory(path: string, options: Common = {}): Resource {
  absolutePath(path)
  refuseSystemPath(path)
  return resource({
    id: `directory ${path}`,
    probe: standingScript(path),
    read: ({ stdout }) => readStanding(fields(stdout).get('standing')),
    plan: ({ type }) => {
      if (type === 'absent') return unchanged
      if (type !== 'directory') throw inTheWay(path, type)
      return {
        kind: 'change',
        summary: 'remove with all that it holds',
        apply: sh`rm -rf --one-file-system -- ${path}
`,
      }
    },
    notify: options.notify,
  })
}

function inTheWay(path: string, type: string): Conflict {
  return new Conflict(`a ${type} stands at ${path}, where a directory should be`, {
    hint: 'look at what it is, and remove it or choose another path',
  })
}
