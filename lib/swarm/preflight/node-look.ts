import { lines, raw, type Script, sh } from '../../script/index.ts'

/** What a node is asked. */
export interface Questions {
  /** references: those that it has not are looked for in their registry */
  readonly images: readonly string[]
  /** of its own that a service is to have */
  readonly ports: readonly number[]
}

/** What a node says of itself. */
export interface NodeLook {
  /** when it began and when it ended, in seconds of 1970 by its clock */
  readonly clock: { readonly first: number; readonly last: number }
  /** none: there is no Docker yet; silent: its engine does not answer */
  readonly docker: 'there' | 'none' | 'silent'
  readonly disks: readonly { readonly mount: string; readonly freeMb: number }[]
  /** the kernel has IPVS, or can load it */
  readonly ipvs: boolean
  /** it can do ESP, as encrypted networks need it */
  readonly esp: boolean
  /** containers that publish a port of the node; `service` is empty for one of no swarm */
  readonly published: readonly { readonly port: number; readonly service: string; readonly name: string }[]
  /** services of which a container runs here: "agentlab_api" */
  readonly runs: readonly string[]
  /** programs that listen on one: "docker-proxy" */
  readonly listening: readonly { readonly port: number; readonly program: string }[]
  readonly images: ReadonlyMap<string, ImageSeen>
}

/** An image, as a node sees it. */
export type ImageSeen =
  | { readonly kind: 'here' }
  /** its registry has it */
  | { readonly kind: 'there'; readonly digest: string }
  | { readonly kind: 'missing'; readonly why: string }

/**
 * One round trip: prints it line by line. The engine itself asks the registries, by its own settings and mirrors, with the
 * login that root has on the node; it goes from file to standard input. Nothing is pulled.
 */
export function lookAtNode({ images, ports }: Questions): Script {
  return lines(
    system,
    registries,
    ...images.map((image, index) => sh`here ${index} ${image} || there ${index} ${image} &`),
    ...ports.map(
      (
        port,
      ) => sh`docker ps --filter ${`publish=${port}`} --format ${`published=${port} {{.Names}} {{.Label "com.docker.swarm.service.name"}}`}
ss -Hltnp ${`sport = :${port}`} 2>/dev/null | sed -n ${`s/.*users:(("\\([^"]*\\)".*/listening=${port} \\1/p`}`,
    ),
    raw('wait\necho "end=$(date +%s.%N)"'),
  )
}

/** The images alone, and whether a host has them already does not count: what their registries say of them now. */
export function lookUp(images: readonly string[]): Script {
  return lines(registries, ...images.map((image, index) => sh`there ${index} ${image} &`), raw('wait'))
}

const system: Script = raw(`echo "now=$(date +%s.%N)"
command -v docker >/dev/null || { echo docker=none; exit 0; }
root=$(timeout 10 docker info -f '{{.DockerRootDir}}' 2>/dev/null)
[ -n "$root" ] || { echo docker=silent; exit 0; }
for path in "$root" /var/lib/containerd; do
  [ -d "$path" ] && LC_ALL=C df -P -k "$path" | sed -n '2s/^/disk=/p'
done
docker ps --format 'runs={{.Label "com.docker.swarm.service.name"}}'
if [ -e /proc/net/ip_vs ] || modprobe -n -q ip_vs 2>/dev/null; then echo ipvs=yes; fi
# The kernel's word: a state as Docker would make it, in a network namespace that is gone with it.
unshare -n ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 1 mode transport aead 'rfc4106(gcm(aes))' 0x0123456789012345678901234567890123456789 64 2>/dev/null && echo esp=yes
`)

const registries: Script = raw(String.raw`login() {
  key=$1
  [ "$key" = docker.io ] && key=https://index.docker.io/v1/
  found=$({ tr -d ' \n\t' </root/.docker/config.json; } 2>/dev/null | awk -v key="\"$key\":{\"auth\":\"" '{
    at = index($0, key)
    rest = substr($0, at + length(key))
    if (at) print substr(rest, 1, index(rest, "\"") - 1)
  }')
  [ -n "$found" ] || return 0
  both=$(printf %s "$found" | base64 -d | sed 's/[\\"]/\\&/g')
  user=$(printf %s "$both" | sed 's/:.*//')
  password=$(printf %s "$both" | sed 's/^[^:]*://')
  json=$(printf '{"username":"%s","password":"%s","serveraddress":"%s"}' "$user" "$password" "$key")
  printf 'X-Registry-Auth: %s' "$(printf %s "$json" | base64 -w0 | tr '+/' '-_')"
}
registry() {
  first=$(printf %s "$1" | sed 's,/.*,,')
  case "$1" in */*) ;; *) first= ;; esac
  case "$first" in *.* | *:* | localhost) echo "$first" ;; *) echo docker.io ;; esac
}
here() { docker image inspect -f x "$2" >/dev/null 2>&1 && echo "image=$1 here"; }
there() {
  said=$(login "$(registry "$2")" | curl -sS -m 15 -H @- -w '\n%{http_code}' --unix-socket /var/run/docker.sock "http://docker/distribution/$2/json" 2>&1)
  echo "image=$1 $(printf '%s\n' "$said" | tail -n 1) $(printf '%s\n' "$said" | sed '$d' | tr '\n' ' ')"
}
`)

/** Reads what `lookAtNode` or `lookUp` printed, asked of these images. */
export function parseNodeLook(stdout: string, images: readonly string[]): NodeLook {
  const said = stdout.split('\n').flatMap((line) => {
    const [, name = '', value = ''] = /^([a-z]+)=(.*)$/.exec(line) ?? []
    return name === '' ? [] : [{ name, value }]
  })
  const all = (name: string) => said.filter((each) => each.name === name).map(({ value }) => value)
  const docker = all('docker')[0]
  return {
    clock: { first: Number(all('now')[0]), last: Number(all('end')[0] ?? all('now')[0]) },
    docker: docker === 'none' || docker === 'silent' ? docker : 'there',
    disks: all('disk').flatMap((line) => {
      const [, free, mount] = /^\S+ +\d+ +\d+ +(\d+) +\S+ +(.*)$/.exec(line) ?? []
      return mount === undefined ? [] : [{ mount, freeMb: Math.floor(Number(free) / 1024) }]
    }),
    ipvs: all('ipvs')[0] === 'yes',
    esp: all('esp')[0] === 'yes',
    published: all('published').map((line) => {
      const [port, name = '', service = ''] = line.split(' ')
      return { port: Number(port), name, service }
    }),
    runs: [...new Set(all('runs').filter(Boolean))],
    listening: all('listening').map((line) => {
      const [port, ...program] = line.split(' ')
      return { port: Number(port), program: program.join(' ') }
    }),
    images: new Map(
      all('image').flatMap((line): [string, ImageSeen][] => {
        const [, index = '', code = '', body = ''] = /^(\d+) (\S+) ?(.*)$/.exec(line) ?? []
        const image = images[Number(index)]
        return image === undefined ? [] : [[image, imageSeen(code, body)]]
      }),
    ),
  }
}

function imageSeen(code: string, body: string): ImageSeen {
  if (code === 'here') return { kind: 'here' }
  const digest = /"digest":"(sha256:[0-9a-f]{64})"/.exec(body)?.[1]
  if (code === '200' && digest !== undefined) return { kind: 'there', digest }
  const message = /"message":"((?:[^"\\]|\\.)*)"/.exec(body)?.[1]?.replaceAll('\\"', '"')
  const why = message ?? body.trim()
  return { kind: 'missing', why: why === '' ? `its engine answers ${code}` : why.slice(0, 300) }
}
