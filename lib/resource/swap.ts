import { sh } from '../script/index.ts'
import { matching, oneLine, whole } from './argument.ts'
import { planFstab, type Step } from './mount.ts'
import { fields } from './observed.ts'
import { type Common, type Resource, resource } from './resource.ts'
import { printFile, readBytes } from './rewrite.ts'

export interface SwapOptions extends Common {
  /** the kernel takes the highest first; its own choice unless told */
  readonly priority?: number | undefined
  /** used now and at boot, or at boot alone (fstab); used unless told */
  readonly state?: 'used' | 'fstab' | undefined
}

/** Swap on a device or file that mkswap has made: "/dev/sdb2", "UUID=…", "/swapfile". */
export function swap(device: string, options: SwapOptions = {}): Resource {
  const { priority, state = 'used', notify } = options
  if (priority !== undefined) whole(priority, 0, 32_767, 'priority')
  const entry = {
    device: checkedDevice(device),
    path: 'none',
    type: 'swap',
    options: priority === undefined ? 'sw' : `sw,pri=${priority}`,
    dump: 0,
    pass: 0,
  }
  return resource({
    id: `swap ${device}`,
    probe: swapProbe(device),
    read: ({ stdout }) => fields(stdout),
    plan: (found) => {
      const words = priority === undefined ? [] : ['-p', priority]
      const live: Step | undefined =
        state === 'used' && !found.has('used')
          ? [
              'use',
              sh`${find(device)}
swapon ${words} -- "$device"`,
            ]
          : undefined
      return planFstab(readBytes(found.get('fstab')), (each) => isSwapOn(each, device), entry, live)
    },
    notify,
  })
}

/** No swap on this device, and no line for it in /etc/fstab. What is swapped out must find room elsewhere. */
export function absentSwap(device: string, options: Common = {}): Resource {
  checkedDevice(device)
  return resource({
    id: `swap ${device}`,
    probe: swapProbe(device),
    read: ({ stdout }) => fields(stdout),
    plan: (found) => {
      const live: Step | undefined = found.has('used')
        ? [
            'no longer use',
            sh`${find(device)}
swapoff -- "$device"`,
          ]
        : undefined
      return planFstab(readBytes(found.get('fstab')), (each) => isSwapOn(each, device), undefined, live)
    },
    notify: options.notify,
  })
}

function checkedDevice(device: string): string {
  return matching(oneLine(device, 'device'), /^(?:\/|(?:UUID|LABEL|PARTUUID|PARTLABEL)=)\S+$/, 'device')
}

function isSwapOn(entry: { readonly type: string; readonly device: string }, device: string): boolean {
  return entry.type === 'swap' && entry.device === device
}

function find(device: string) {
  return sh`device=${device}
case $device in /*) device=$(readlink -f -- "$device") ;; *) device=$(findfs "$device") || { echo ${`no device has ${device}`} >&2; exit 1; } ;; esac`
}

/** /proc/swaps is the kernel's own word. */
function swapProbe(device: string) {
  return sh`${printFile('fstab', '/etc/fstab')}
(
${find(device)}
cut -d ' ' -f 1 /proc/swaps | grep -qxF -e "$device"
) 2>/dev/null && echo used=yes
:
`
}
