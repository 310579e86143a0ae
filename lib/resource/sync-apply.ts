import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { gzipSync } from 'node:zlib'
import { QuaysideError } from '../error.ts'
import { feed, later, quote, raw, type Script, sh } from '../script/index.ts'
import { type LocalTree, placeOf, stageName } from './local-tree.ts'
import { byFolder, enter, enterRoot, within } from './sync-folders.ts'
import type { TreeWork } from './sync-plan.ts'
import { type Packed, tar } from './tar.ts'
import type { Wanted } from './tree-listing.ts'

/**
 * Brings a tree to what is wanted. All that is sent is unpacked beside, in a folder of the root that only root can
 * enter, and moved to its place file by file: a file is always the old or the new one. A run that is cut off leaves
 * some done and some not, and that folder; the next one does the rest and clears it.
 *
 * Who may write to the tree can put a link in the place of a folder at any moment. So each folder is entered without
 * following one (see sync-folders.ts), and what is done there is done by names alone.
 */
export function syncScript(parts: {
  readonly root: string
  readonly accounts: Script
  readonly rootMode: string
  readonly tree: LocalTree
  readonly wanted: ReadonlyMap<string, Wanted>
  readonly work: TreeWork
}): Script {
  const { root, accounts, rootMode, tree, wanted, work } = parts
  const is = (type: Wanted['type']) => (path: string) => wanted.get(path)?.type === type
  return later(
    () => sh`(
${accounts}
set -e
umask 022
export LC_ALL=C
${raw(enter)}
made=
[ -d ${root} ] || { mkdir -p -- ${posix.dirname(root)}; mkdir -m 0700 -- ${root}; made=yes; }
${enterRoot(root)}
[ -z "$made" ] || { chown -- "$uid:$gid" .; chmod -- ${rootMode} .; }
umask 077
rm -rf --one-file-system -- ${stageName}
mkdir -- ${stageName}
trap ${`cd / && rm -rf --one-file-system -- ${quote(`${root}/${stageName}`)}`} EXIT
enter ${stageName}
case $(stat -c %u:%a .) in
  "$(id -u):700" | "$(id -u):2700") ;;
  *) echo ${`${root}/${stageName} was replaced meanwhile`} >&2; exit 1 ;;
esac
exec 8<.
mkdir new
${arrival(tree, wanted, work.send)}
${within('deepest first', work.clear, sh`rm -df --`)}
${within('shallowest first', work.make, sh`mkdir --`)}
${work.send.length === 0 ? sh`` : settle}
${within('shallowest first', [...work.make, ...work.own], sh`chown -h -- "$uid:$gid"`)}
${modesOfFiles(work.mode.filter(is('file')), wanted)}
${modesOfFolders([...work.make, ...work.mode].filter(is('directory')), wanted)}
${within('deepest first', work.remove, sh`rm -df --`)}
)
`,
  )
}

/** Moves what arrived to its place, a folder at a time: a rename each, as long as no other file system is mounted there. */
const settle: Script = sh`(cd new && find . -type d -print0) | xargs -0 -r -n 1 sh -c ${`${enter}
enter "\${1#.}"
find "/proc/self/fd/8/new/$1" -mindepth 1 -maxdepth 1 ! -type d -print0 | xargs -0 -r mv -f -t . --`} sh`

/**
 * Gives files their modes. chmod follows a link that takes a file's place, so it is done to another name of the file,
 * where no one else comes.
 */
function modesOfFiles(paths: readonly string[], wanted: ReadonlyMap<string, Wanted>): Script {
  return byMode(paths, wanted).reduce(
    (script, [mode, of]) => sh`${script}
${byFolder(of).reduce(
  (inner, group) => sh`${inner}
mkdir same
${within('as they come', group, sh`ln -P -t /proc/self/fd/8/same --`)}
find same -type f -exec chmod -- ${mode} {} +
rm -rf same`,
  sh``,
)}`,
    sh``,
  )
}

function modesOfFolders(paths: readonly string[], wanted: ReadonlyMap<string, Wanted>): Script {
  return byMode(paths, wanted).reduce(
    (script, [mode, of]) => sh`${script}
base64 -d >folders${feed(listed(of))}xargs -0 -r -a folders -n 1 sh -c ${`${enter}
enter "$1"
chmod -- "$0" .`} ${mode}`,
    sh``,
  )
}

function listed(paths: readonly string[]): Buffer {
  return Buffer.from(paths.map((path) => `${path}\0`).join(''), 'latin1')
}

function byMode(
  paths: readonly string[],
  wanted: ReadonlyMap<string, Wanted>,
): readonly (readonly [mode: string, paths: readonly string[]])[] {
  const modes = new Map<string, string[]>()
  for (const path of paths) {
    // A fifth digit, or chmod leaves a directory its setgid bit.
    const mode = `0${(wanted.get(path)?.mode ?? 0).toString(8).padStart(4, '0')}`
    modes.set(mode, [...(modes.get(mode) ?? []), path])
  }
  return [...modes]
}

function arrival(tree: LocalTree, wanted: ReadonlyMap<string, Wanted>, send: readonly string[]): Script {
  if (send.length === 0) return sh``
  const packed = gzipSync(tar(send.map((path) => pack(tree, path, wanted.get(path)))), { level: 4 })
  return sh`base64 -d >new.tar.gz${feed(packed)}tar -xzmp --no-same-owner -f new.tar.gz -C new
chown -hR -- "$uid:$gid" new`
}

function pack(tree: LocalTree, path: string, entry: Wanted | undefined): Packed {
  if (entry?.type === 'link') return { path, target: entry.target }
  const place = placeOf(tree.folder, path)
  const content = readFileSync(place)
  if (entry?.type !== 'file' || createHash('sha256').update(content).digest('hex') !== entry.sha256) {
    throw new QuaysideError(`${place} changed on this machine since it was read`, { hint: 'run it again' })
  }
  return { path, mode: entry.mode, content }
}
