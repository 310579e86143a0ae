import { type Script, sh } from '../script/index.ts'
import { absolutePath, matching, oneLine, whole } from './argument.ts'
import { unifiedDiff } from './diff.ts'
import { editedFstab, type FstabEntry } from './fstab.ts'
import { type LiveMount, liveProbe, missingOptions, readLive, unmount } from './mount-live.ts'
import { fields } from './observed.ts'
import { type Common, type Plan, type Resource, resource, unchanged, unknown } from './resource.ts'
import { printFile, readBytes, rewrite } from './rewrite.ts'

export interface MountOptions extends Common {
  /** "/dev/sdb1", "UUID=…", "LABEL=…", "tmpfs", "server:/export", or a directory with the option bind */
  readonly device: string
  /** "ext4", "xfs", "tmpfs", "nfs4"; "none" for a bind mount */
  readonly type: string
  /** as fstab has them: "noatime,nofail"; "defaults" unless told */
  readonly options?: string | undefined
  /** mounted now and at boot, or at boot alone (fstab); mounted unless told */
  readonly state?: 'mounted' | 'fstab' | undefined
  /** fsck's order at boot; 0, never, unless told */
  readonly pass?: number | undefined
}

const fstab = '/etc/fstab'

/**
 * A file system that is mounted at a path, now and at boot. The path is made where it is missing. What is live is
 * changed first and /etc/fstab last: a line there says that it could be mounted so.
 */
export function mount(path: string, options: MountOptions): Resource {
  const { device, type, state = 'mounted', pass = 0, notify } = options
  const entry: FstabEntry = {
    device: matching(oneLine(device, 'device'), /\S/, 'device'),
    path: absolutePath(path),
    type: matching(type, /^[a-z][\w.-]*$/, 'type of a file system'),
    options: matching(options.options ?? 'defaults', /^[^\s#]+$/, 'options'),
    dump: 0,
    pass: whole(pass, 0, 9, 'pass'),
  }
  if (type === 'swap') throw new TypeError('swap is no mount: use swap()')
  const words = entry.options.split(',')
  return resource({
    id: `mount ${path}`,
    probe: sh`${printFile('fstab', fstab)}
[ ! -e ${path} ] || [ -d ${path} ] || echo file=yes
${liveProbe(path, device, words.includes('bind') || words.includes('rbind'))}
:
`,
    read: ({ stdout }) => fields(stdout),
    plan: (found) => {
      if (found.has('file')) return unknown(`${path} is no directory`)
      const before = readBytes(found.get('fstab'))
      const live = state === 'mounted' ? liveStep(entry, words, readLive(found), before) : undefined
      return planFstab(before, (each) => each.path === path, entry, live)
    },
    notify,
  })
}

/** Nothing mounted at this path, and no line for it in /etc/fstab. The directory stays. */
export function absentMount(path: string, options: Common = {}): Resource {
  absolutePath(path)
  return resource({
    id: `mount ${path}`,
    probe: sh`${printFile('fstab', fstab)}
${liveProbe(path, path, true)}
:
`,
    read: ({ stdout }) => fields(stdout),
    plan: (found) => {
      const live: Step | undefined = readLive(found) === undefined ? undefined : ['unmount', unmount(path)]
      return planFstab(readBytes(found.get('fstab')), (each) => each.path === path, undefined, live)
    },
    notify: options.notify,
  })
}

export type Step = readonly [what: string, script: Script]

/** A change of /etc/fstab, behind what is to be done live. */
export function planFstab(
  before: string | undefined,
  ours: (entry: FstabEntry) => boolean,
  entry: FstabEntry | undefined,
  live: Step | undefined,
): Plan {
  const after = editedFstab(before ?? '', ours, entry)
  const same = after === (before ?? '')
  if (same && live === undefined) return unchanged
  const access = before === undefined ? { mode: 0o644, owner: 'root', group: 'root' } : 'as it was'
  const kept = sh`${rewrite(fstab, before, after, access)}[ ! -d /run/systemd/system ] || systemctl daemon-reload
`
  const text = (bytes: string) => Buffer.from(bytes, 'latin1').toString('utf8')
  const parts = [...(live === undefined ? [] : [live[0]]), ...(same ? [] : [`${fstab} changed`])]
  return {
    kind: 'change',
    summary: parts.join(', '),
    ...(same ? {} : { diff: unifiedDiff(text(before ?? ''), text(after)) }),
    apply: sh`set -e
${live === undefined ? sh`` : live[1]}
${same ? sh`` : kept}`,
  }
}

function liveStep(
  entry: FstabEntry,
  words: readonly string[],
  live: LiveMount | undefined,
  fstabText: string | undefined,
): Step | undefined {
  const { device, path, type, options } = entry
  const make = sh`mkdir -p -- ${path}
mount -t ${type} -o ${options} -- ${device} ${path}`
  if (live === undefined) return ['mount', make]
  const bind = words.includes('bind') || words.includes('rbind')
  if (!live.sameDevice || (!bind && type !== 'auto' && live.type !== type)) {
    return [
      'mount anew: something else is mounted there',
      sh`${unmount(path)}
${make}`,
    ]
  }
  const missing = missingOptions(words, live)
  const listed = editedFstab(fstabText ?? '', (each) => each.path === path, entry) === (fstabText ?? '')
  if (missing.length === 0 && listed) return undefined
  const asked = words.filter((word) => word !== 'bind' && word !== 'rbind').join(',') || 'defaults'
  const wish = missing.includes('rw') ? `${asked},rw` : asked
  const remount = sh`mount -o ${`remount,${bind ? 'bind,' : ''}${wish}`} -- ${path}`
  return [missing.length === 0 ? 'remount' : `remount: ${missing.join(', ')}`, remount]
}
