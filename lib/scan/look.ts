import { QuaysideError } from '../error.ts'
import { onOneLine } from '../report/printable.ts'
import { raw, type Script, sh } from '../script/index.ts'
import { label, type Place } from './place.ts'

/** An image to scan. */
export interface Wanted {
  readonly image: string
  /** `always`: what its tag stands for now; `missing`: what the host has by that name, which is what it runs */
  readonly pull: 'always' | 'missing'
}

/** What an image says of itself, read without running anything of it. */
export interface Looked {
  readonly image: string
  /** repository@sha256:…, or the engine's own id */
  readonly digest: string
  /** the host did not have it before */
  readonly brought: boolean
  /** "" where it has none */
  readonly osRelease: string
  /** installed packages, by dpkg's word */
  readonly packages: number
  /** of those packages, as Debian writes them; the first is its own */
  readonly architectures: readonly string[]
  /** dpkg's list, a file on the host */
  readonly status: string
}

/** dpkg's list as lines: how many packages are installed, and of which architectures. */
const count = `awk '
/^Package:/ { name = $2; installed = 0 }
/^Status:/ { installed = ($NF == "installed"); packages += installed }
/^Architecture:/ { if (installed && $2 != "all") { if (name == "dpkg") own = $2; else other[$2] = 1 } }
END { print "packages " packages + 0; if (own != "") print "architecture " own
  for (each in other) if (each != own) print "architecture " each }'`

/** Fetches an image, and copies two files out of a container of it that is never started. */
export function look({ image, pull }: Wanted, folder: string): Script {
  return sh`set -e
mkdir -p ${folder}
cd ${folder}
had=$(docker image inspect -f '{{.Id}}' ${image} 2>/dev/null) || had=
container=
clear() {
  code=$?
  [ -z "$container" ] || docker rm -f -v "$container" >/dev/null || :
  [ $code = 0 ] || [ -n "$had" ] || docker image rm ${image} >/dev/null 2>&1 || :
  exit $code
}
trap clear EXIT
if [ ${pull} = always ] || [ -z "$had" ]; then docker pull -q ${image} >/dev/null; fi
[ -n "$had" ] || echo brought
container=$(docker create --network none --label "${raw(label)}=$(date +%s)" ${image} none)
docker image inspect -f '{{range .RepoDigests}}{{println "digest" .}}{{end}}id {{.Id}}' ${image}
take() {
  docker cp -L "$container:$1" "$2" 2>fault >/dev/null && [ -f "$2" ] && return
  grep -qiE 'could not find|no such file|not exist|not a directory' fault && return
  [ ! -e "$2" ] || { echo "$1 is no file" >&2; return 1; }
  cat fault >&2
  return 1
}
take /var/lib/dpkg/status status
take /etc/os-release os-release
[ ! -f status ] || ${raw(count)} status
echo os-release
[ ! -f os-release ] || head -c 8192 os-release
`
}

export async function lookAt(place: Place, wanted: Wanted, index: number): Promise<Looked> {
  const { fleet, host } = place
  const folder = `${place.folder}/${index}`
  const options = { timeoutSeconds: 900 }
  const results = await fleet.run([host], `look into ${wanted.image}`, () => look(wanted, folder), options)
  return parseLooked(wanted.image, folder, results.get(host.name)?.stdout ?? '')
}

/** What `look` printed. Throws where it is not whole. */
export function parseLooked(image: string, folder: string, stdout: string): Looked {
  const at = stdout.search(/^os-release$/m)
  if (at < 0) throw new QuaysideError(`${image}: what was read of it is not whole`)
  const words = stdout
    .slice(0, at)
    .split('\n')
    .map((line) => line.split(' '))
  const values = (what: string) => words.flatMap(([first, value]) => (first === what && value ? [value] : []))
  const repository = image.replace(/@.*$/, '').replace(/:[^:/]*$/, '')
  const digests = values('digest')
  const architectures = values('architecture')
  // They go into scripts and into apt's settings, and the image says what they are.
  const odd = architectures.find((each) => !/^[a-z0-9][a-z0-9-]*$/.test(each))
  if (odd !== undefined)
    throw new QuaysideError(`${image} has packages for ${onOneLine(odd)}, which is no architecture`)
  return {
    image,
    digest: digests.find((each) => each.startsWith(`${repository}@`)) ?? digests[0] ?? values('id')[0] ?? '',
    brought: words.some(([first]) => first === 'brought'),
    osRelease: stdout.slice(at).replace(/^os-release\n/, ''),
    packages: Number(values('packages')[0] ?? 0),
    architectures,
    status: `${folder}/status`,
  }
}
