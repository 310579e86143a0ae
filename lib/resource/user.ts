import { sh } from '../script/index.ts'
import { type Account, absolutePath, account, whole } from './argument.ts'
import { accountName, withSbin } from './group.ts'
import { fields } from './observed.ts'
import { type Common, type Plan, type Resource, resource, unchanged } from './resource.ts'

export interface UserOptions extends Common {
  readonly uid?: number | undefined
  /** first group, by name or number; one of the user's own name unless told */
  readonly group?: Account | undefined
  /** groups to be a member of besides; others are left as they are */
  readonly groups?: readonly string[] | undefined
  readonly home?: string | undefined
  /** /bin/bash unless told, /usr/sbin/nologin for a system user */
  readonly shell?: string | undefined
  /** a number from the system's range, and no home made; taken into account at creation alone */
  readonly system?: boolean | undefined
}

interface Observed {
  readonly uid: string
  readonly gid: string
  readonly group: string
  readonly groups: readonly string[]
  readonly home: string
  readonly shell: string
}

/** A user of the host's own, who has no password. What is not told is left as it is. */
export function user(name: string, options: UserOptions = {}): Resource {
  accountName(name, 'name of a user')
  if (options.uid !== undefined) whole(options.uid, 0, 4_294_967_294, 'uid')
  const group = options.group === undefined ? undefined : account(options.group, 'group')
  for (const each of options.groups ?? []) accountName(each, 'name of a group')
  if (options.home !== undefined) absolutePath(options.home, 'home')
  if (options.shell !== undefined) absolutePath(options.shell, 'shell')
  return resource({
    id: `user ${name}`,
    probe: sh`entry=$(getent passwd ${name}) || exit 0
printf 'entry=%s\\n' "$entry"
echo "group=$(id -gn -- ${name})"
echo "groups=$(id -Gn -- ${name})"
`,
    read: ({ stdout }) => readUser(stdout),
    plan: (is) => planUser(name, { ...options, group }, is),
    notify: options.notify,
  })
}

/** No user of this name. The home stays. */
export function absentUser(name: string, options: Common = {}): Resource {
  accountName(name, 'name of a user')
  return resource({
    id: `user ${name}`,
    probe: sh`getent passwd ${name} || :
`,
    read: ({ stdout }) => stdout !== '',
    plan: (there) =>
      there
        ? {
            kind: 'change',
            summary: 'remove',
            apply: sh`${withSbin}
userdel ${name}
`,
          }
        : unchanged,
    notify: options.notify,
  })
}

function readUser(stdout: string): Observed | undefined {
  const found = fields(stdout)
  const [, , uid = '', gid = '', , home = '', shell = ''] = found.get('entry')?.split(':') ?? []
  if (uid === '') return undefined
  return {
    uid,
    gid,
    home,
    shell,
    group: found.get('group') ?? '',
    groups: found.get('groups')?.split(' ') ?? [],
  }
}

function planUser(name: string, options: UserOptions, is: Observed | undefined): Plan {
  if (is === undefined) return { kind: 'change', summary: 'create', apply: creation(name, options) }
  const { uid, group, home, shell } = options
  const words: (string | number)[] = []
  const parts: string[] = []
  const want = (what: string, now: string, next: string, flags: readonly string[]) => {
    parts.push(`${what} ${now} → ${next}`)
    words.push(...flags)
  }
  if (uid !== undefined && is.uid !== String(uid)) want('uid', is.uid, String(uid), ['-u', String(uid)])
  if (group !== undefined && ![is.group, is.gid].includes(String(group))) {
    want('group', is.group, String(group), ['-g', String(group)])
  }
  if (home !== undefined && is.home !== home) want('home', is.home, home, ['-d', home])
  if (shell !== undefined && is.shell !== shell) want('shell', is.shell, shell, ['-s', shell])
  const joins = (options.groups ?? []).filter((each) => !is.groups.includes(each))
  if (joins.length > 0) {
    parts.push(`member of ${joins.join(', ')}`)
    words.push('-a', '-G', joins.join(','))
  }
  if (parts.length === 0) return unchanged
  // usermod moves what the old home holds, but fails, after it has changed the entry, where the new one is there.
  const moves = home !== undefined && is.home !== home
  const call = moves
    ? sh`[ -e ${home} ] && set -- || set -- -m
usermod ${words} "$@" ${name}`
    : sh`usermod ${words} ${name}`
  return {
    kind: 'change',
    summary: parts.join(', '),
    apply: sh`${withSbin}
${call}
`,
  }
}

/** useradd refuses to make a group of the user's name where one is there already, so that one is then named. */
function creation(name: string, options: UserOptions) {
  const { uid, group, groups = [], home, system = false } = options
  const { shell = system ? '/usr/sbin/nologin' : '/bin/bash' } = options
  const words = [
    ...(system ? ['-r', '-M'] : ['-m']),
    ...(uid === undefined ? [] : ['-u', uid]),
    ...(groups.length === 0 ? [] : ['-G', groups.join(',')]),
    ...(home === undefined ? [] : ['-d', home]),
    ...['-s', shell],
  ]
  const first =
    group === undefined
      ? sh`getent group ${name} >/dev/null && set -- -g ${name} || set -- -U`
      : sh`set -- -g ${group}`
  return sh`set -e
${withSbin}
${first}
useradd ${words} "$@" ${name}
`
}
