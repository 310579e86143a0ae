import { type Script, sh } from '../script/index.ts'

/** What is mounted at a path now, on top of all that lies below. */
export interface LiveMount {
  readonly type: string
  readonly options: readonly string[]
  /** whether it is the device that is wanted; for a bind mount, the same directory */
  readonly sameDevice: boolean
}

/** Prints what is mounted at a path, and whether the wanted device is behind it; nothing where nothing is. */
export function liveProbe(path: string, device: string, bind: boolean): Script {
  const same = bind
    ? sh`[ "$(stat -c %d:%i -- ${device} 2>/dev/null)" = "$(stat -c %d:%i -- ${path})" ]`
    : sh`wanted=${device}
  case $wanted in [A-Z]*=*) wanted=$(findfs "$wanted" 2>/dev/null) || wanted= ;; /*) wanted=$(readlink -f -- "$wanted") ;; esac
  case $source in /*) source=$(readlink -f -- "$source") ;; esac
  [ "$source" = "$wanted" ]`
  return sh`if live=$(findmnt -nr -M ${path} -o FSTYPE,OPTIONS,SOURCE 2>/dev/null | tail -n 1) && [ -n "$live" ]; then
  printf 'live=%s\\n' "$live"
  source=\${live##* }
  if ${same}; then echo same=yes; fi
fi`
}

export function readLive(found: ReadonlyMap<string, string>): LiveMount | undefined {
  const [type, options] = found.get('live')?.split(' ') ?? []
  if (type === undefined || options === undefined) return undefined
  return { type, options: options.split(','), sameDevice: found.has('same') }
}

/** Flags that the kernel shows as they were asked for; of others fstab's own line tells whether they are new. */
const visible = ['ro', 'noexec', 'nosuid', 'nodev', 'noatime']

/** Which of the wanted options what is mounted does not have. */
export function missingOptions(wanted: readonly string[], { options, type }: LiveMount): string[] {
  const missing = visible.filter((flag) => wanted.includes(flag) && !options.includes(flag))
  if (!wanted.includes('ro') && options.includes('ro')) missing.push('rw')
  const size = (from: readonly string[]) => bytes(from.find((each) => each.startsWith('size='))?.slice(5))
  const [is, shall] = [size(options), size(wanted)]
  if (type === 'tmpfs' && shall !== undefined && is !== shall) missing.push(`size=${shall / 1024}k`)
  return missing
}

/** Bytes of "64m"; undefined for what is no plain size, a percentage say. The kernel counts in pages of 4 KiB. */
function bytes(size: string | undefined): number | undefined {
  const [, digits, unit = ''] = /^(\d+)([kmg]?)$/i.exec(size ?? '') ?? []
  if (digits === undefined) return undefined
  const factor = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[unit.toLowerCase()] ?? 1
  return Math.ceil((Number(digits) * factor) / 4096) * 4096
}

/** Takes away what is mounted at a path; says who holds it where the kernel says that it is busy. */
export function unmount(path: string): Script {
  return sh`umount -- ${path} 2>/dev/null || {
  echo ${`${path} is busy, and stays mounted; in use by:`} >&2
  for process in /proc/[0-9]*; do
    for held in "$process/cwd" "$process/root" "$process"/fd/*; do
      case $(readlink "$held" 2>/dev/null) in
        ${path}|${path}/*) echo "  \${process#/proc/} $(tr '\\0' ' ' <"$process/cmdline" | cut -c 1-100)" >&2; break ;;
      esac
    done
  done
  exit 1
}`
}
