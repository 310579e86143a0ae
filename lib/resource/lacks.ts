import { posix } from 'node:path'
import { type Script, sh } from '../script/index.ts'
import type { Access } from './standing.ts'

/** What a probe found to be lacking (a line `lacks=…`, of which the last counts), as a Change has it. */
export function readLacks(found: ReadonlyMap<string, string>): { readonly lacks?: string } {
  const lacks = found.get('lacks')
  return lacks === undefined ? {} : { lacks }
}

/** Prints what is lacking where the directory that a path is to be put in is not there. */
export function lacksFolder(path: string): Script {
  const folder = posix.dirname(path)
  return sh`[ -d ${folder} ] || printf '%s\\n' ${`lacks=the directory ${folder} is not there`}`
}

/** Prints what is lacking where a parent can be neither found nor made: something else stands in its place. */
export function lacksRoom(path: string): Script {
  return sh`up=${path}
while [ "$up" != / ] && { up=\${up%/*}; up=\${up:-/}; [ ! -e "$up" ] && [ ! -L "$up" ]; }; do :; done
[ -d "$up" ] || printf 'lacks=%s is no directory\\n' "$up"`
}

/** Prints what is lacking where the host knows no such owner or group; numbers need not be known. */
export function lacksAccounts({ owner, group }: Access): Script {
  const ask = (database: 'passwd' | 'group', name: string, what: string) =>
    name === 'root' || /^\d+$/.test(name)
      ? sh``
      : sh`getent ${database} ${name} >/dev/null || echo ${`lacks=there is no ${what} ${name}`}
`
  return sh`${ask('group', group, 'group')}${ask('passwd', owner, 'user')}`
}
