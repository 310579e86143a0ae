import { sh } from '../script/index.ts'
import { type ArchiveFormat, formatOf, unpack } from './archive-format.ts'
import { type Account, absolutePath, account, matching, octal, whole } from './argument.ts'
import { checkedRemote, fetched, type Remote } from './download.ts'
import { fields } from './observed.ts'
import { type Common, Conflict, type Resource, resource, unchanged, unknown } from './resource.ts'
import { accessChanges, accessScript, readStanding, standingScript } from './standing.ts'
import { clearLeftovers, leftovers, swapDirectory } from './swap-directory.ts'

/** A file on the host; without a hash, another content is another archive. */
export interface LocalArchive {
  readonly path: string
  readonly sha256?: string | undefined
}

export interface ArchiveOptions extends Common {
  readonly from: Remote | LocalArchive
  /** leading folders that are left out of each name; 0 unless told */
  readonly strip?: number | undefined
  /** told by the name's end where it can be */
  readonly format?: ArchiveFormat | undefined
  /** of all that is unpacked; root unless told */
  readonly owner?: Account | undefined
  /** of all that is unpacked; root unless told */
  readonly group?: Account | undefined
  /** of the directory itself; 0o755 unless told */
  readonly mode?: number | undefined
}

const marker = '.quayside-archive'

/**
 * A directory that holds what an archive holds. It is unpacked beside and put in place as a whole, so what lay there
 * before is gone, files that were added too. A directory that is neither empty nor made by this is a Conflict. What it
 * was unpacked from stands in a file in it; changes inside are not looked for.
 */
export function archive(path: string, options: ArchiveOptions): Resource {
  const { from, strip = 0, notify } = options
  if (absolutePath(path).split('/').length < 3) throw new TypeError(`${path} belongs to the system`)
  whole(strip, 0, 20, 'strip')
  const format = options.format ?? formatOf('url' in from ? from.url : from.path)
  const remote = 'url' in from ? checkedRemote(from) : undefined
  const local = 'url' in from ? undefined : absolutePath(from.path, 'path of an archive')
  const asked = remote?.sha256 ?? from.sha256
  if (asked !== undefined) matching(asked, /^[0-9a-f]{64}$/, 'sha256')
  const [owner, group] = [
    account(options.owner ?? 'root', 'owner'),
    account(options.group ?? 'root', 'group'),
  ]
  const access = { mode: options.mode ?? 0o755, owner, group }
  octal(access.mode)
  const mark = (sha256: string) => `sha256 ${sha256} strip ${strip} owner ${owner}:${group}`

  const replace = (sha256: string) =>
    swapDirectory(
      path,
      (candidate) => sh`archive=$(mktemp)
trap ${'rm -rf -- "$archive" "$candidate"'} EXIT
candidate=${candidate}
${
  remote === undefined
    ? sh`cp -- ${local ?? ''} "$archive"
sum=$(sha256sum <"$archive")
[ "\${sum%% *}" = ${sha256} ] || { printf '%s has sha256 %s, not %s\\n' ${local ?? ''} "\${sum%% *}" ${sha256} >&2; exit 1; }`
    : fetched(remote, sh`"$archive"`)
}
${unpack(format, sh`"$archive"`, candidate, strip)}
[ -n "$(ls -A ${candidate})" ] || { echo ${`nothing is left of the archive: strip ${strip} is too much`} >&2; exit 1; }
printf '%s\\n' ${mark(sha256)} >${`${candidate}/${marker}`}
chown -Rh -- ${`${owner}:${group}`} ${candidate}
${accessScript(candidate, access)}
sync -f -- ${candidate}`,
    )

  return resource({
    id: `archive ${path}`,
    probe: sh`${standingScript(path)}
if [ -f ${`${path}/${marker}`} ]; then printf 'mark=%s\\n' "$(cat ${`${path}/${marker}`})"
elif [ -d ${path} ] && [ -z "$(ls -A ${path})" ]; then echo empty=yes
fi
${leftovers(path)}
${local !== undefined && asked === undefined ? sh`[ ! -f ${local} ] || echo "sha256=$(sha256sum <${local})"` : sh``}
:
`,
    read: ({ stdout }) => fields(stdout),
    plan: (found) => {
      const is = readStanding(found.get('standing'))
      const has = found.get('mark')
      if (is.type !== 'absent' && (is.type !== 'directory' || (has === undefined && !found.has('empty')))) {
        throw inTheWay(path, is.type)
      }
      const sha256 = asked ?? found.get('sha256')?.split(' ')[0]
      if (sha256 === undefined) return unknown(`the archive ${local} is not there`)
      const wanted = mark(sha256)
      const source = remote?.url ?? local ?? ''
      if (has !== wanted) {
        return {
          kind: 'change',
          summary: has === undefined ? `unpack ${source}` : `unpack anew from ${source}`,
          diff: `${has === undefined ? '' : `-${has}\n`}+${wanted}`,
          apply: replace(sha256),
          timeoutSeconds: 1800,
        }
      }
      const left = found.has('left')
      const differs = [
        ...accessChanges(is, access),
        ...(left ? ['clear what a run that was cut off left'] : []),
      ]
      if (differs.length === 0) return unchanged
      const apply = sh`set -e
${accessScript(path, access)}
${left ? clearLeftovers(path) : sh``}
`
      return { kind: 'change', summary: differs.join(', '), apply }
    },
    notify,
  })
}

/** No directory at this path, where an archive was unpacked. One that was not made so is a Conflict. */
export function absentArchive(path: string, options: Common = {}): Resource {
  absolutePath(path)
  return resource({
    id: `archive ${path}`,
    probe: sh`${standingScript(path)}
[ ! -f ${`${path}/${marker}`} ] || echo mark=yes
`,
    read: ({ stdout }) => fields(stdout),
    plan: (found) => {
      const { type } = readStanding(found.get('standing'))
      if (type === 'absent') return unchanged
      if (!found.has('mark')) throw inTheWay(path, type)
      const apply = sh`rm -rf --one-file-system -- ${path}
`
      return { kind: 'change', summary: 'remove with all that it holds', apply }
    },
    notify: options.notify,
  })
}

function inTheWay(path: string, type: string): Conflict {
  return new Conflict(`a ${type} that was not unpacked by Quayside stands at ${path}`, {
    hint: 'look at what it holds, and remove it or choose another path',
  })
}
