import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { gzipSync } from 'node:zlib'
import { QuaysideError } from '../error.ts'
import { feed, later, quote, type Script, sh } from '../script/index.ts'
import { type LocalTree, placeOf, stageName } from './local-tree.ts'
import type { TreeWork } from './sync-plan.ts'
import { type Packed, tar } from './tar.ts'
import type { Wanted } from './tree-listing.ts'

/**
 * Brings a tree to what is wanted. All that is sent is unpacked beside, in a folder of the root that only root can
 * enter, and moved to its place file by file: a file is always the old or the new one. A run that is cut off leaves
 * some done and some not, and that folder; the next one does the rest and clears it.
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
  return later(
    () => sh`(
${accounts}
set -e
umask 022
export LC_ALL=C
if [ ! -d ${root} ]; then
  mkdir -p -- ${posix.dirname(root)}
  mkdir -m 0700 -- ${root}
  chown -- "$uid:$gid" ${root}
  chmod -- ${rootMode} ${root}
fi
[ ! -L ${root} ] || { echo ${`${root} is a link by now`} >&2; exit 1; }
cd -- ${root}
umask 077
rm -rf --one-file-system -- ${stageName}
mkdir -- ${stageName} ${`${stageName}/new`}
trap ${`cd / && rm -rf --one-file-system -- ${quote(`${root}/${stageName}`)}`} EXIT
${arrival(tree, wanted, work.send)}
${each(work.clear.toReversed(), 'clear', sh`rm -df --`)}
${each(work.make, 'make', sh`mkdir --`)}
${work.send.length === 0 ? sh`` : settle}
${each([...work.make, ...work.own], 'own', sh`chown -h -- "$uid:$gid"`)}
${byMode([...work.make, ...work.mode], wanted)}
${each(work.remove.toReversed(), 'remove', sh`rm -df --`)}
)
`,
  )
}

/** Moves what arrived to its place, a folder at a time: a rename each, as long as no other file system is mounted there. */
const settle: Script = sh`(cd ${`${stageName}/new`} && find . -type d -print0) | xargs -0 -r -n 1 sh -c '
  find "./$0/new/$1" -mindepth 1 -maxdepth 1 ! -type d -print0 | xargs -0 -r mv -f -t "./$1" --' ${stageName}`

/** Runs a command over paths, which reach it without being part of any script's text. */
function each(paths: readonly string[], name: string, command: Script): Script {
  if (paths.length === 0) return sh``
  const list = `${stageName}/${name}`
  const bytes = Buffer.from(paths.map((path) => `${path}\0`).join(''), 'latin1')
  return sh`base64 -d >${list}${feed(bytes)}xargs -0 -r -a ${list} ${command}`
}

function byMode(paths: readonly string[], wanted: ReadonlyMap<string, Wanted>): Script {
  const modes = new Map<string, string[]>()
  for (const path of paths) {
    // A fifth digit, or chmod leaves a directory its setgid bit.
    const mode = `0${(wanted.get(path)?.mode ?? 0).toString(8).padStart(4, '0')}`
    modes.set(mode, [...(modes.get(mode) ?? []), path])
  }
  return [...modes].reduce(
    (script, [mode, of]) => sh`${script}
${each(of, `mode-${mode}`, sh`chmod -- ${mode}`)}`,
    sh``,
  )
}

function arrival(tree: LocalTree, wanted: ReadonlyMap<string, Wanted>, send: readonly string[]): Script {
  if (send.length === 0) return sh``
  const packed = gzipSync(tar(send.map((path) => pack(tree, path, wanted.get(path)))), { level: 4 })
  return sh`base64 -d >${`${stageName}/new.tar.gz`}${feed(packed)}tar -xzmp --no-same-owner -f ${`${stageName}/new.tar.gz`} -C ${`${stageName}/new`}
chown -hR -- "$uid:$gid" ${`${stageName}/new`}`
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
