import { feed, type Script, sh } from '../script/index.ts'
import { sha256 } from './content.ts'
import { fields } from './observed.ts'
import { readBytes } from './rewrite.ts'
import { readStanding, type Standing } from './standing.ts'

/** A user's authorized_keys and what leads there. */
export interface KeysSeen {
  readonly uid: string
  readonly gid: string
  readonly home: string
  readonly homeIs: Standing
  readonly folder: Standing
  readonly file: Standing
  /** a character a byte; undefined where there is none */
  readonly content: string | undefined
}

/** Looks at a user's authorized_keys; prints nothing where the user is not there. */
export function keysProbe(user: string): Script {
  return sh`entry=$(getent passwd ${user}) || exit 0
echo "entry=$entry"
home=\${entry%:*}; home=\${home##*:}
see() { printf '%s=%s\\n' "$1" "$(stat $3 -c '%f %U %G %u %g' -- "$2" 2>/dev/null || echo absent)"; }
see home "$home" -L
see folder "$home/.ssh"
see file "$home/.ssh/authorized_keys"
if [ ! -L "$home/.ssh" ] && [ ! -L "$home/.ssh/authorized_keys" ] && [ -f "$home/.ssh/authorized_keys" ]; then
  printf 'content=%s\\n' "$(base64 -w 0 <"$home/.ssh/authorized_keys")"
fi
:
`
}

export function readKeys(stdout: string): KeysSeen | undefined {
  const found = fields(stdout)
  const [, , uid, gid, , home] = found.get('entry')?.split(':') ?? []
  if (uid === undefined || gid === undefined || home === undefined) return undefined
  return {
    uid,
    gid,
    home,
    homeIs: readStanding(found.get('home')),
    folder: readStanding(found.get('folder')),
    file: readStanding(found.get('file')),
    content: readBytes(found.get('content')),
  }
}

/**
 * Writes the file anew, with ~/.ssh around it. Root works here in a folder that its user can change at any moment, so
 * it goes into ~/.ssh first, makes sure where it is, and names nothing but what stands there; no step follows a link.
 */
export function writeKeys({ uid, gid, home, content }: KeysSeen, next: string): Script {
  const owner = `${uid}:${gid}`
  const candidate = '.authorized_keys.quayside'
  const still =
    content === undefined
      ? sh`[ ! -e authorized_keys ] && [ ! -L authorized_keys ]`
      : sh`[ ! -L authorized_keys ] && sum=$(sha256sum <authorized_keys) && [ "\${sum%% *}" = ${sha256(Buffer.from(content, 'latin1'))} ]`
  return sh`(
set -e
umask 077
cd -- ${home}
home=$(pwd -P)
[ -d .ssh ] || mkdir -m 0700 .ssh
cd -P .ssh
[ "$(pwd -P)" = "\${home%/}/.ssh" ] || { echo ${`${home}/.ssh leads elsewhere`} >&2; exit 1; }
chown ${owner} .
chmod 0700 .
{ ${still}; } || { echo ${`${home}/.ssh/authorized_keys was changed meanwhile: run again`} >&2; exit 1; }
rm -f ${candidate}
trap 'rm -f ${candidate}' EXIT
set -C
base64 -d >${candidate}${feed(Buffer.from(next, 'latin1'))}set +C
chown -h ${owner} ${candidate}
sync ${candidate}
mv -fT ${candidate} authorized_keys
)
`
}
