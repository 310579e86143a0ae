import { raw, type Script } from '../script/index.ts'
import { plain } from '../secret/index.ts'

/** What a host says of itself. */
export interface Facts {
  readonly hostname: string
  /** "debian", "ubuntu": ID of os-release */
  readonly os: string
  /** "trixie": VERSION_CODENAME */
  readonly codename: string
  /** "amd64", "arm64": as Debian and Docker write it */
  readonly architecture: string
  readonly cpus: number
  readonly memoryMb: number
  /** true where systemd is PID 1 */
  readonly systemd: boolean
}

/** One script that prints every fact as a line `name=value`. */
export const factsScript: Script = raw(plain`
  . /etc/os-release 2>/dev/null
  echo "hostname=$(uname -n)"
  echo "os=$ID"
  echo "codename=$VERSION_CODENAME"
  case $(uname -m) in x86_64) echo architecture=amd64 ;; aarch64) echo architecture=arm64 ;; *) echo "architecture=$(uname -m)" ;; esac
  echo "cpus=$(getconf _NPROCESSORS_ONLN)"
  echo "memoryKb=$(sed -n 's/^MemTotal: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo)"
  [ -d /run/systemd/system ] && echo systemd=yes
  :
`)

/** Reads what factsScript printed. */
export function readFacts(stdout: string): Facts {
  const facts = new Map(stdout.split('\n').map((line) => splitOnce(line)))
  const of = (name: string) => facts.get(name) ?? ''
  return {
    hostname: of('hostname'),
    os: of('os'),
    codename: of('codename'),
    architecture: of('architecture'),
    cpus: Number(of('cpus')) || 1,
    memoryMb: Math.floor(Number(of('memoryKb')) / 1024),
    systemd: of('systemd') === 'yes',
  }
}

function splitOnce(line: string): [string, string] {
  const at = line.indexOf('=')
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)]
}
