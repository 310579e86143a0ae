import { sh } from '../script/index.ts'
import { absolutePath } from './argument.ts'
import { fields } from './observed.ts'
import { type Common, Conflict, type Resource, resource, unchanged, unknown } from './resource.ts'

/**
 * A file system of this type on a block device, made where the device is blank. There is no resource that makes it anew:
 * a device that holds anything else, a partition table say, is a Conflict, for a person to look at. mkfs must be there:
 * package('e2fsprogs') for ext4, package('xfsprogs') for xfs.
 */
export function filesystem(device: string, type: 'ext4' | 'xfs', options: Common = {}): Resource {
  absolutePath(device)
  const tool = `mkfs.${type}`
  return resource({
    id: `filesystem ${device}`,
    // blkid -p reads the device itself, not what was found on it some time ago: 0 tells what it holds, 2 that it is blank.
    probe: sh`device=$(readlink -f -- ${device})
if [ -b "$device" ]; then
  blkid -p -o export -- "$device" | grep -E '^(TYPE|PTTYPE)='
  blkid -p -- "$device" >/dev/null 2>&1
  printf 'code=%s\\n' "$?"
  printf 'held=%s\\n' "$(ls -A "/sys/class/block/\${device##*/}/holders" 2>/dev/null | tr '\\n' ' ')"
  command -v ${tool} >/dev/null || echo lacks=yes
else
  echo absent=yes
fi
`,
    read: ({ stdout }) => fields(stdout),
    plan: (found) => {
      if (found.has('absent')) return unknown(`${device} is no block device: is the disk attached?`)
      if (found.get('TYPE') === type) return unchanged
      const holds = contents(found)
      if (holds !== undefined)
        throw new Conflict(`${device} holds ${holds}, and ${type} is wanted`, {
          hint: `look at it; if all of it may be lost, wipefs -a ${device}`,
        })
      return {
        kind: 'change',
        summary: `make ${type}`,
        ...(found.has('lacks') && { lacks: `${tool} is not installed` }),
        // Another may have been quicker; mkfs itself asks only where there is a terminal.
        apply: sh`set -e
device=$(readlink -f -- ${device})
code=0
blkid -p -- "$device" || code=$?
[ "$code" -eq 2 ] || { echo ${`${device} is not blank any more: nothing was done`} >&2; exit 1; }
${tool} -q -- "$device"
`,
      }
    },
    notify: options.notify,
  })
}

/** What is on the device, in words; undefined where it is blank. */
function contents(found: ReadonlyMap<string, string>): string | undefined {
  const [type, table] = [found.get('TYPE'), found.get('PTTYPE')]
  if (type !== undefined) return type
  if (table !== undefined) return `a partition table (${table})`
  const held = found.get('held')?.trim() ?? ''
  if (held !== '') return `what ${held} is made of`
  return found.get('code') === '2' ? undefined : 'something that blkid cannot name'
}
