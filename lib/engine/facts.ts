import { raw, type Script } from '../script/index.ts'
import { plain } from '../secret/index.ts'
import { cpusIn, virtualizationOf } from './machine.ts'

/** What a host says of itself. Text that a host cannot tell is "". */
export interface Facts {
  readonly hostname: string
  /** "debian", "ubuntu": ID of os-release */
  readonly os: string
  /** "13", "24.04": VERSION_ID of os-release */
  readonly version: string
  /** "trixie": VERSION_CODENAME */
  readonly codename: string
  /** "amd64", "arm64": as Debian and Docker write it */
  readonly architecture: string
  /** "6.12.57+deb13-amd64" */
  readonly kernel: string
  /** changes with every boot; of a container, too, which has its machine's kernel */
  readonly bootId: string
  /** "none", "kvm", "docker", …: in what it runs, in systemd-detect-virt's words as far as it can be told cheaply */
  readonly virtualization: string
  readonly cpus: number
  readonly memoryMb: number
  readonly swapMb: number
  /** what any user may still write to the file system of / */
  readonly diskFreeMb: number
  /** the address that it speaks from to the world: of the interface with the default route */
  readonly ipv4: string
  /** "Europe/Berlin", "Etc/UTC" */
  readonly timezone: string
  /** true where systemd is PID 1 */
  readonly systemd: boolean
}

/**
 * One script that prints every fact as a line `name=value`. It reads files by the shell itself wherever there is one to
 * read, since what takes time here is each program that is started: three, on Linux 6.1 and later.
 */
export const factsScript: Script = raw(plain`
  exec 2>/dev/null
  first() { line=; IFS= read -r line <"$2"; echo "$1=$line"; }
  for line in /etc/os-release /usr/lib/os-release; do if [ -r "$line" ]; then . "$line"; break; fi; done
  echo "os=$ID"
  echo "version=$VERSION_ID"
  echo "codename=$VERSION_CODENAME"
  first hostname /proc/sys/kernel/hostname
  first kernel /proc/sys/kernel/osrelease
  first boot /proc/sys/kernel/random/boot_id
  first pid1 /proc/1/stat
  first container /run/systemd/container
  first vendor /sys/class/dmi/id/sys_vendor
  first product /sys/class/dmi/id/product_name
  first online /sys/devices/system/cpu/online
  [ -n "$line" ] || echo "cpus=$(getconf _NPROCESSORS_ONLN)"
  [ ! -e /.dockerenv ] || echo dockerenv=yes
  [ ! -d /run/systemd/system ] || echo systemd=yes
  while read -r name value unit; do
    case $name in MemTotal:) echo "memoryKb=$value" ;; SwapTotal:) echo "swapKb=$value"; break ;; esac
  done </proc/meminfo
  if [ -L /etc/localtime ]; then echo "localtime=$(readlink /etc/localtime)"; else first localtime /etc/timezone; fi
  first machine /proc/sys/kernel/arch
  [ -n "$line" ] || echo "machine=$(uname -m)"
  echo "route=$(ip -4 -o route get 192.0.2.1)"
  echo "disk=$(df -Pk /)"
  :
`)

const architectures: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  armv7l: 'armhf',
  i686: 'i386',
  ppc64le: 'ppc64el',
}

/** Reads what factsScript printed. */
export function readFacts(stdout: string): Facts {
  const lines = stdout.split('\n')
  const facts = new Map(lines.map((line) => splitOnce(line)))
  const of = (name: string) => facts.get(name) ?? ''
  const mb = (name: string) => Math.floor((Number(of(name)) || 0) / 1024)
  return {
    hostname: of('hostname'),
    os: of('os'),
    version: of('version'),
    codename: of('codename'),
    architecture: architectures[of('machine')] ?? of('machine'),
    kernel: of('kernel'),
    bootId: bootIdOf(of('boot'), of('pid1')),
    virtualization: virtualizationOf({
      container: of('container') || (of('dockerenv') === 'yes' ? 'docker' : ''),
      vendor: of('vendor'),
      product: of('product'),
    }),
    cpus: cpusIn(of('online')) || Number(of('cpus')) || 1,
    memoryMb: mb('memoryKb'),
    swapMb: mb('swapKb'),
    // The one line of df that is no header: device, blocks, used, available, per cent, mount point.
    diskFreeMb: Math.floor((Number(/\s(\d+)\s+\d+%\s+\/$/m.exec(stdout)?.[1]) || 0) / 1024),
    ipv4: /\ssrc (\S+)/.exec(of('route'))?.[1] ?? '',
    timezone: of('localtime').replace(/^.*\/zoneinfo\//, ''),
    systemd: of('systemd') === 'yes',
  }
}

/** The kernel's boot id, and the start time of PID 1: proc(5), field 22 of stat, the 20th after the name. */
function bootIdOf(boot: string, pid1: string): string {
  const started = pid1.slice(pid1.lastIndexOf(') ') + 2).split(' ')[19] ?? ''
  return `${boot} ${started}`.trim()
}

function splitOnce(line: string): [string, string] {
  const at = line.indexOf('=')
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)]
}
