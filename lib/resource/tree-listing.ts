import { createHash } from 'node:crypto'
import { raw, type Script, sh } from '../script/index.ts'
import type { TreeEntry } from './local-tree.ts'
import { stageName } from './local-tree.ts'
import { fields } from './observed.ts'

/** An entry as a host shall have it. */
export type Wanted = TreeEntry & { readonly mode: number }

/** An entry as a host has it. */
export interface Listed {
  readonly type: 'file' | 'directory' | 'link' | 'other'
  /** true when owner and group are the wanted ones; `owner` says them as numbers otherwise */
  readonly owned: boolean
  readonly owner: string
  readonly mode: number
  readonly size: number
  readonly target: string
  readonly sha256: string
}

export interface Listing {
  readonly root: 'absent' | 'directory' | 'link' | 'other'
  /** undefined where the host has just what is wanted */
  readonly entries: ReadonlyMap<string, Listed> | undefined
  /** paths that are left out, so that a folder that holds one is not empty */
  readonly kept: readonly string[]
  /** an earlier run was cut off */
  readonly left: boolean
}

const letters = { file: 'f', directory: 'd', link: 'l' } as const
const types: Readonly<Record<string, Listed['type']>> = { f: 'file', d: 'directory', l: 'link', o: 'other' }

/** Sets $uid and $gid to the numbers of a user and a group; ends the script where the host does not know them. */
export function accountsScript(owner: string, group: string): Script {
  const numeric = /^\d+$/
  return sh`${
    numeric.test(owner)
      ? sh`uid=${owner}`
      : sh`uid=$(id -u -- ${owner} 2>/dev/null) || { echo ${`there is no user ${owner}`} >&2; exit 3; }`
  }
${
  numeric.test(group)
    ? sh`gid=${group}`
    : sh`gid=$(getent group ${group} | cut -d: -f3)
[ -n "$gid" ] || { echo ${`there is no group ${group}`} >&2; exit 3; }`
}`
}

/**
 * Prints what a host has below a path. All of it travels only where it is not what is wanted: records that end with
 * NUL, since a name may hold any other byte, sorted by bytes: one an entry ("= f 644 12 a/b", "= l 0 0 a//target",
 * the first word "=" or the owner's numbers), an empty one, then one a file as sha256sum has it.
 */
export function listingScript(
  path: string,
  accounts: Script,
  excluded: string | undefined,
  wanted: ReadonlyMap<string, Wanted>,
): Script {
  const stage = `./${stageName}`
  const test =
    excluded === undefined ? undefined : sh`-regextype posix-extended -regex ${`\\./(${excluded})`}`
  const prune = test === undefined ? sh`-path ${stage}` : sh`\\( -path ${stage} -o ${test} \\)`
  return sh`${accounts}
if [ -L ${path} ]; then echo root=link; exit; fi
if [ ! -d ${path} ]; then
  if [ -e ${path} ]; then echo root=other; else echo root=absent; fi
  exit
fi
set -e
cd -- ${path}
echo root=directory
export LC_ALL=C
list() {
  find . -mindepth 1 ${prune} -prune -o \\( -uid "$uid" -gid "$gid" -printf '= ' -o -printf '%U:%G ' \\) ${kinds} | sort -z
  printf '\\0'
  find . -mindepth 1 ${prune} -prune -o -type f -print0 | sort -z | xargs -0 -r sha256sum -z --
}
listing=$(list | base64 -w 0)
sum=$(printf %s "$listing" | sha256sum)
if [ "\${sum%% *}" = ${digest(wanted)} ]; then echo same=yes; else
  echo "listing=$listing"
  ${test === undefined ? sh`` : sh`echo "kept=$(find . -mindepth 1 -path ${stage} -prune -o ${test} -prune -printf '%P\\0' | base64 -w 0)"`}
fi
[ ! -e ${stage} ] || echo left=yes
`
}

const kinds: Script = raw(
  String.raw`\( -type f -printf 'f %m %s %P\0' -o -type l -printf 'l 0 0 %P//%l\0' -o -type d -printf 'd %m 0 %P\0' -o -printf 'o %m 0 %P\0' \)`,
)

/** SHA-256 of the base64 that a host with just these entries lists. */
function digest(wanted: ReadonlyMap<string, Wanted>): string {
  const entries = [...wanted].map(([path, entry]) => {
    const mode = entry.type === 'link' ? '0' : entry.mode.toString(8)
    const size = entry.type === 'file' ? entry.size : 0
    const target = entry.type === 'link' ? `//${entry.target}` : ''
    return `= ${letters[entry.type]} ${mode} ${size} ${path}${target}\0`
  })
  const files = [...wanted]
    .flatMap(([path, entry]) => (entry.type === 'file' ? [{ path: `./${path}`, sha256: entry.sha256 }] : []))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
  const text = [...entries.sort(), '\0', ...files.map(({ path, sha256 }) => `${sha256}  ${path}\0`)].join('')
  return createHash('sha256').update(Buffer.from(text, 'latin1').toString('base64')).digest('hex')
}

/** Reads what listingScript printed. */
export function readListing(stdout: string): Listing {
  const found = fields(stdout)
  const root = found.get('root')
  const records = (name: string) =>
    Buffer.from(found.get(name) ?? '', 'base64')
      .toString('latin1')
      .split('\0')
  return {
    root: root === 'directory' || root === 'link' || root === 'other' ? root : 'absent',
    entries: found.has('same') ? undefined : readEntries(records('listing').slice(0, -1)),
    kept: records('kept').slice(0, -1),
    left: found.has('left'),
  }
}

function readEntries(records: readonly string[]): ReadonlyMap<string, Listed> {
  const end = records.indexOf('')
  const hashes = new Map(records.slice(end + 1).map((record) => [record.slice(68), record.slice(0, 64)]))
  const entries = new Map<string, Listed>()
  for (const record of end < 0 ? records : records.slice(0, end)) {
    const [, owner = '', type = '', mode = '', size = '', rest = ''] =
      /^(\S+) (\w) (\d+) (\d+) (.*)$/s.exec(record) ?? []
    const [path = '', target = ''] = type === 'l' ? splitTarget(rest) : [rest]
    entries.set(path, {
      type: types[type] ?? 'other',
      owned: owner === '=',
      owner,
      mode: Number.parseInt(mode, 8),
      size: Number(size),
      target,
      sha256: hashes.get(path) ?? '',
    })
  }
  return entries
}

/** A path never holds "//"; a target may. */
function splitTarget(rest: string): [string, string] {
  const at = rest.indexOf('//')
  return [rest.slice(0, at), rest.slice(at + 2)]
}
