import { raw, type Script, sh } from '../script/index.ts'

/** Defines `last FLAGS PATTERN`: sets $n to the number of the last line of $p that matches, or to nothing. */
export const lastLine: Script = raw(`nl='
'
last() {
  hits=$(LC_ALL=C grep -n "$1" -e "$2" -- "$p") || [ $? -eq 1 ] || exit 3
  hits=\${hits##*"$nl"}
  n=\${hits%%:*}
}`)

/**
 * Puts what `print` prints in the place of the file that `locate` puts in $p, byte by byte. Mode, owner and times' keeper are those of the old one, and a failure leaves that as it was.
 */
export function editAtomically(locate: Script, print: Script): Script {
  return sh`(
set -e
umask 077
${locate}
candidate="\${p%/*}/.\${p##*/}.quayside"
rm -f -- "$candidate"
trap 'rm -f -- "$candidate"' EXIT
cp -p -- "$p" "$candidate"
{
${print}
} >"$candidate"
# Writing took setuid and setgid away, unless it was root who wrote.
chmod --reference="$p" -- "$candidate"
sync -- "$candidate"
mv -fT -- "$candidate" "$p"
)
`
}
