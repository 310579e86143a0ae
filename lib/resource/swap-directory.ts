import { posix } from 'node:path'
import { quote, type Script, sh } from '../script/index.ts'

/**
 * Makes a new version of a directory beside it and puts it in its place: in one step where mv can exchange (coreutils
 * 9.5), else by two renames, and what lies between them is put right by the next run. `make` fills the empty directory
 * `candidate`; whatever fails on the way leaves the old one as it was, and no candidate behind.
 */
export function swapDirectory(path: string, make: (candidate: string) => Script): Script {
  const beside = (what: string) => posix.join(posix.dirname(path), `.${posix.basename(path)}.${what}`)
  const [candidate, old] = [beside('quayside'), beside('quayside-old')]
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
