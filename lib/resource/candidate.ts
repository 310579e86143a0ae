import { posix } from 'node:path'
import { quote, raw, type Script, sh } from '../script/index.ts'

/** Where the new version of a path is made: beside it, hidden, so that one rename puts it in place. */
export function candidatePath(path: string): string {
  return posix.join(posix.dirname(path), `.${posix.basename(path)}.quayside`)
}

/**
 * Records what a change owes, in a script of one that says `owesItself`: the engine defines what it calls. Alone in a
 * script there is nobody to owe to.
 */
export const oweNow: Script = raw(`if command -v quayside_owe >/dev/null 2>&1; then quayside_owe; fi
`)

/**
 * Makes a new version of a path beside it and renames it into place; whatever fails on the way leaves the old one as
 * it was, and no candidate behind. `make` fills the candidate, which must not be there yet, under umask 077; `before` runs
 * right before the rename.
 */
export function replaceAtomically(
  path: string,
  make: (candidate: string) => Script,
  before: Script = sh``,
): Script {
  const candidate = candidatePath(path)
  const directory = posix.dirname(path)
  return sh`(
set -e
umask 077
[ -d ${directory} ] || { echo ${`the directory ${directory} is not there`} >&2; exit 1; }
rm -f -- ${candidate}
trap ${`rm -f -- ${quote(candidate)}`} EXIT
${make(candidate)}
${before}mv -fT -- ${candidate} ${path}
)
`
}
