import { posix } from 'node:path'
import { quote, type Script, sh } from '../script/index.ts'

/**
 * Makes a new version of a directory beside it and puts it in its place: in one step where mv can exchange (coreutils
 * 9.5), else by two renames, and what lies between them is put right by the next run. `make` fills the empty directory
 * `candidate`; whatever fails on the way leaves the old one as it was, and no candidate behind.
 */
export function swapDirectory(path: string, make: (candidate: string) => Script): Script {
  const [candidate, old] = besides(path)
  return sh`(
set -e
umask 022
mkdir -p -- ${posix.dirname(path)}
if [ -d ${old} ]; then
  if [ -e ${path} ]; then rm -rf -- ${old}; else mv -T -- ${old} ${path}; fi
fi
rm -rf -- ${candidate}
trap ${`rm -rf -- ${quote(candidate)}`} EXIT
mkdir -m 0700 -- ${candidate}
${make(candidate)}
if [ ! -e ${path} ]; then mv -T -- ${candidate} ${path}
elif mv --exchange -T -- ${candidate} ${path} 2>/dev/null; then :
else
  mv -T -- ${path} ${old}
  mv -T -- ${candidate} ${path} || { mv -T -- ${old} ${path}; exit 1; }
  rm -rf -- ${old}
fi
)
`
}

/** Prints `left=yes` where a run that died beyond the swap has left the old version, or half of a new one. */
export function leftovers(path: string): Script {
  const [candidate, old] = besides(path)
  return sh`if [ -d ${candidate} ] || [ -d ${old} ]; then echo left=yes; fi`
}

/** Removes what `leftovers` found; only where the directory itself is as it should be. */
export function clearLeftovers(path: string): Script {
  return sh`rm -rf --one-file-system -- ${besides(path)}`
}

function besides(path: string): [candidate: string, old: string] {
  const beside = (what: string) => posix.join(posix.dirname(path), `.${posix.basename(path)}.${what}`)
  return [beside('quayside'), beside('quayside-old')]
}
