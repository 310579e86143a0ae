import { posix } from 'node:path'
import { feed, type Script, sh } from '../script/index.ts'

/**
 * Defines `enter`: goes into a folder below the root, open as descriptor 7, one step at a time, and ends where a step
 * led elsewhere: a link stood there. Where the shell then is, it stays, whatever becomes of the names that led there.
 * A dot behind each path keeps a line end at the end of a name.
 */
export const enter = `stand() { pwd -P; echo .; }
step_into() {
  before=$(stand); before=\${before%??}
  cd -P -- "./$1" || exit 1
  [ "$(stand)" = "\${before%/}/$1
." ] || { printf '%s was replaced by a link meanwhile: it is not followed\\n' "\${before%/}/$1" >&2; exit 1; }
}
enter() {
  cd -P -- /proc/self/fd/7 || exit 1
  rest=$1
  while [ -n "$rest" ]; do
    step=\${rest%%/*}
    case $rest in */*) rest=\${rest#*/} ;; *) rest= ;; esac
    [ -z "$step" ] || step_into "$step"
  done
}`

/** Goes into the root itself, which its parent must lead to without a link, and opens it as descriptor 7. */
export function enterRoot(root: string): Script {
  const name = posix.basename(root)
  return sh`cd -P -- ${posix.dirname(root)}
${name === '' ? sh`` : sh`step_into ${name}`}
exec 7<.`
}

/** Paths by the folder that they stand in, the names in their order. */
export function byFolder(paths: readonly string[]): readonly (readonly string[])[] {
  const groups = new Map<string, string[]>()
  for (const path of paths) {
    const folder = folderOf(path)
    groups.set(folder, [...(groups.get(folder) ?? []), path])
  }
  return [...groups.values()]
}

/**
 * Runs a command over paths, in the folder of each by its name alone; names are no part of any script's text. Stands
 * in the stage, open as descriptor 8.
 */
export function within(
  order: 'shallowest first' | 'deepest first' | 'as they come',
  paths: readonly string[],
  command: Script,
): Script {
  const sign = order === 'shallowest first' ? 1 : order === 'deepest first' ? -1 : 0
  const depth = (group: readonly string[]) => (group[0] ?? '').split('/').length
  const groups = [...byFolder(paths)].sort((a, b) => sign * (depth(a) - depth(b)))
  return groups.reduce((script, group) => {
    const names = group.map((path) => `./${posix.basename(path)}\0`).join('')
    return sh`${script}
base64 -d >folder${feed(Buffer.from(folderOf(group[0] ?? ''), 'latin1'))}base64 -d >names${feed(Buffer.from(names, 'latin1'))}(
folder=$(cat folder; echo .)
enter "\${folder%.}"
xargs -0 -r -a /proc/self/fd/8/names ${command}
)`
  }, sh``)
}

function folderOf(path: string): string {
  const at = path.lastIndexOf('/')
  return at < 0 ? '' : path.slice(0, at)
}
