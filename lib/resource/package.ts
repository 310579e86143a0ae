import { type Script, sh } from '../script/index.ts'
import { matching, whole } from './argument.ts'
import { type Common, type Plan, type Resource, resource, unchanged } from './resource.ts'

export interface PackageOptions extends Common {
  /** the package lists are fetched anew before an installation when they are older; 86400 unless told */
  readonly updateCacheSeconds?: number | undefined
}

interface Observed {
  /** versions of the wanted packages that are installed */
  readonly installed: ReadonlyMap<string, string>
  /** versions that apt would install, of those that are missing, as far as its lists know them */
  readonly candidates: ReadonlyMap<string, string>
}

const prepare: Script = sh`export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l LC_ALL=C.UTF-8
# A run that was cut off in the middle of dpkg leaves its journal, and apt refuses to work before that is finished.
[ -z "$(ls -A /var/lib/dpkg/updates 2>/dev/null)" ] || dpkg --configure -a >/dev/null || :
apt_get() {
  apt-get -y -qq -o DPkg::Lock::Timeout=120 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" </dev/null
}`

/** Debian packages, each "name", "name=version" or "name=1.26*"; what is missing is installed in one go. */
export function packages(names: readonly string[], options: PackageOptions = {}): Resource {
  const wanted = names.map(readName)
  if (wanted.length === 0) throw new TypeError('packages needs at least one name')
  const seconds = whole(options.updateCacheSeconds ?? 86_400, 0, 31_536_000, 'updateCacheSeconds')
  const only = wanted.map(({ name }) => name)
  return resource({
    id: `packages ${names.join(' ')}`,
    probe: sh`${installed(only)}
missing=
for name in ${only}; do
  case $there in *" $name "*) ;; *) missing="$missing $name" ;; esac
done
[ -z "$missing" ] || apt-cache -q -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= policy $missing 2>/dev/null |
  LC_ALL=C sed -n -e 's/^\\([^ ].*\\):$/name \\1/p' -e 's/^  Candidate: /candidate /p'
:
`,
    read: ({ stdout }) => readPackages(stdout),
    plan: (observed) => planPackages(wanted, seconds, observed),
    notify: options.notify,
  })
}

/** None of these Debian packages; their configuration stays. */
export function absentPackages(names: readonly string[], options: Common = {}): Resource {
  const only = names.map((name) => readName(name).name)
  if (only.length === 0) throw new TypeError('absentPackages needs at least one name')
  return resource({
    id: `packages ${only.join(' ')}`,
    probe: sh`${installed(only)}
`,
    read: ({ stdout }) => readPackages(stdout).installed,
    plan: (there) => {
      if (there.size === 0) return unchanged
      return {
        kind: 'change',
        summary: `remove ${[...there.keys()].join(', ')}`,
        diff: [...there].map(([name, version]) => `-${name} ${version}`).join('\n'),
        apply: sh`set -e
${prepare}
apt_get remove ${[...there.keys()]} >/dev/null
`,
        timeoutSeconds: 1800,
      }
    },
    notify: options.notify,
  })
}

interface Wanted {
  readonly name: string
  readonly version: string | undefined
}

function readName(text: string): Wanted {
  matching(text, /^[a-z0-9][a-z0-9+.-]+(?:=[\w.+:~-]+\*?)?$/, 'name of a package')
  const [name = text, version] = text.split('=', 2)
  return { name, version }
}

/** Prints "installed NAME VERSION" for each that is, and keeps their names in $there. One call where all are there. */
function installed(names: readonly string[]): Script {
  return sh`command -v dpkg-query >/dev/null || { echo 'this host has no dpkg' >&2; exit 3; }
there=' '
while read -r state name version; do
  [ "$state" = installed ] || continue
  there="$there$name "
  echo "installed $name $version"
done <<END
$(dpkg-query -W -f '\${db:Status-Status} \${Package} \${Version}\\n' -- ${names} 2>/dev/null)
END`
}

function readPackages(stdout: string): Observed {
  const installed = new Map<string, string>()
  const candidates = new Map<string, string>()
  let name = ''
  for (const line of stdout.split('\n')) {
    const [key, first = '', second = ''] = line.split(' ')
    if (key === 'installed') installed.set(first, second)
    if (key === 'name') name = first
    if (key === 'candidate' && first !== '(none)') candidates.set(name, first)
  }
  return { installed, candidates }
}

function planPackages(wanted: readonly Wanted[], seconds: number, { installed, candidates }: Observed): Plan {
  const missing = wanted.filter(({ name }) => !installed.has(name))
  const other = wanted.filter(({ name, version }) => !fits(installed.get(name), version))
  if (other.length === 0) return unchanged
  const words = other.map(({ name, version }) => (version === undefined ? name : `${name}=${version}`))
  const diff = other.flatMap(({ name, version }) => {
    const is = installed.get(name)
    const next = version ?? candidates.get(name)
    return [
      ...(is === undefined ? [] : [`-${name} ${is}`]),
      `+${name}${next === undefined ? '' : ` ${next}`}`,
    ]
  })
  const pinned = other.length > missing.length
  return {
    kind: 'change',
    summary: `install ${words.join(', ')}`,
    diff: diff.join('\n'),
    apply: install(words, pinned, seconds),
    timeoutSeconds: 1800,
  }
}

function fits(is: string | undefined, version: string | undefined): boolean {
  if (is === undefined) return false
  if (version === undefined || version === is) return true
  return version.endsWith('*') && is.startsWith(version.slice(0, -1))
}

/** Lists that are fresh enough may still not know a package, or name one that the mirror dropped: then once more. */
function install(words: readonly string[], pinned: boolean, seconds: number): Script {
  return sh`(
set -e
${prepare}
lists=/var/lib/apt/lists
update() {
  tries=0
  until said=$(apt_get update 2>&1 >/dev/null); do
    case $said in *lists/lock*) ;; *) tries=24 ;; esac
    tries=$((tries + 1))
    [ $tries -lt 24 ] || { printf '%s\\n' "$said" >&2; return 1; }
    sleep 5
  done
  [ -n "$said" ] || touch "$lists"
}
fresh() {
  [ -n "$(find "$lists" -maxdepth 1 -name '*_Packages*' 2>/dev/null | head -n 1)" ] || return 1
  [ $(($(date +%s) - $(stat -c %Y "$lists"))) -lt ${seconds} ] || return 1
  [ -z "$(find /etc/apt/sources.list /etc/apt/sources.list.d -newer "$lists" 2>/dev/null)" ]
}
install() {
  apt_get --no-install-recommends ${pinned ? ['--allow-downgrades'] : []} install ${words} >/dev/null
}
if fresh; then
  said=$(install 2>&1) || { update && install; }
else
  update
  install
fi
)
`
}
