import type { Fleet } from '../engine/fleet.ts'
import type { Host } from '../inventory/inventory.ts'
import { lines, raw, type Script, sh } from '../script/index.ts'

/** A host that images are scanned on: its Docker engine has or fetches them, its apt reads the lists. */
export interface Place {
  readonly fleet: Fleet
  readonly host: Host
  /** a folder on the host of this scan alone */
  readonly folder: string
  readonly trivy: boolean
  readonly apt: boolean
  /** where its own security updates come from */
  readonly mirrors: Readonly<Partial<Record<'debian' | 'ubuntu', string>>>
  /** paths of the keys that archives are signed by */
  readonly keyrings: Readonly<Partial<Record<'debian' | 'ubuntu', string>>>
}

/** What containers of a scan are labelled with; its value is when, in seconds since 1970. */
export const label = 'quayside.scan'

/** Images are scanned within minutes: what is older was left by a run that died. */
const staleSeconds = 3600

/** Makes the scan's folder, clears away what runs that died have left, and tells what the host has. */
const open: Script = lines(
  sh`set -e
command -v docker >/dev/null || { echo 'there is no docker command here' >&2; exit 1; }
now=$(date +%s)
docker ps -a --filter ${`label=${label}`} --format ${`{{.ID}} {{.Label "${label}"}}`} | while read -r id at; do
  [ $((now - at)) -lt ${staleSeconds} ] || docker rm -f -v "$id" >/dev/null || :
done
find /tmp -maxdepth 1 -user "$(id -u)" -type d -name 'quayside-scan.*' -mmin ${`+${staleSeconds / 60}`} -exec rm -rf {} + || :`,
  // apt fetches as a user of its own, who has to get in.
  raw(`folder=$(mktemp -d /tmp/quayside-scan.XXXXXX)
chmod 755 "$folder"
echo "folder $folder"
! command -v trivy >/dev/null || echo trivy
! command -v apt-get >/dev/null || echo apt
for each in debian ubuntu; do
  path=/usr/share/keyrings/$each-archive-keyring.gpg
  [ ! -r $path ] || echo "keyring $each $path"
done
id=$(. /etc/os-release; echo "$ID")
command -v apt-get >/dev/null || exit 0
apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' 2>/dev/null |
  grep -E '^https?://[^@ ]+ [a-z]+-security$' | head -n 1 | while read -r url suite; do echo "mirror $id $url"; done || :`),
)

export async function openPlace(fleet: Fleet, host: Host): Promise<Place> {
  const results = await fleet.run([host], 'prepare a scan', () => open)
  return { fleet, host, ...parsePlace(results.get(host.name)?.stdout ?? '') }
}

/** What `open` printed. */
export function parsePlace(stdout: string): Omit<Place, 'fleet' | 'host'> {
  const words = stdout.split('\n').map((line) => line.split(' '))
  const of = (what: string) => words.filter(([first]) => first === what)
  const named = (what: string) => Object.fromEntries(of(what).map(([, id, value]) => [id, value]))
  const [, folder = ''] = of('folder')[0] ?? []
  if (folder === '') throw new TypeError('the host named no folder')
  return {
    folder,
    trivy: of('trivy').length > 0,
    apt: of('apt').length > 0,
    mirrors: named('mirror'),
    keyrings: named('keyring'),
  }
}

/** Takes the folder away, and images that were not there before. What cannot be taken away does not matter any more. */
export function close(folder: string, images: readonly string[]): Script {
  return lines(
    sh`rm -rf ${folder}`,
    ...images.map((image) => sh`docker image rm ${image} >/dev/null 2>&1`),
    raw(':'),
  )
}
