import { type Script, sh } from '../script/index.ts'
import { octal } from './argument.ts'

/** What stands at a path, itself and not what a link leads to. */
export interface Standing {
  readonly type: 'absent' | 'file' | 'directory' | 'link' | 'special file'
  readonly mode: number
  readonly owner: string
  readonly group: string
  readonly uid: string
  readonly gid: string
}

/** Mode, owner and group that a path shall have. */
export interface Access {
  readonly mode: number
  readonly owner: string
  readonly group: string
}

/** Prints one line `standing=…`, read by readStanding. The raw mode in hex does not depend on a language. */
export function standingScript(path: string): Script {
  return sh`stat -c 'standing=%f %U %G %u %g' -- ${path} 2>/dev/null || echo standing=absent`
}

/** Reads the value that standingScript printed. */
export function readStanding(line: string | undefined): Standing {
  const [hex = '', owner = '', group = '', uid = '', gid = ''] = (line ?? 'absent').split(' ')
  if (hex === 'absent') return { type: 'absent', mode: 0, owner, group, uid, gid }
  const raw = Number.parseInt(hex, 16)
  const types = { 32768: 'file', 16384: 'directory', 40960: 'link' } as const
  const format = raw & 0xf000
  const type = format === 0x8000 || format === 0x4000 || format === 0xa000 ? types[format] : 'special file'
  return { type, mode: raw & 0o7777, owner, group, uid, gid }
}

/** "mode 0644 → 0600" and the like, for each thing that differs. */
export function accessChanges(is: Standing, wanted: Access): string[] {
  const changes: string[] = []
  if (is.mode !== wanted.mode) changes.push(`mode ${octal4(is.mode)} → ${octal(wanted.mode)}`)
  if (wanted.owner !== is.owner && wanted.owner !== is.uid)
    changes.push(`owner ${is.owner} → ${wanted.owner}`)
  if (wanted.group !== is.group && wanted.group !== is.gid)
    changes.push(`group ${is.group} → ${wanted.group}`)
  return changes
}

/**
 * Gives a path its owner and mode, in this order, since chown takes setuid away. The mode gets a fifth digit: with
 * four, chmod leaves a directory its setgid bit.
 */
export function accessScript(path: string, { mode, owner, group }: Access): Script {
  return sh`chown -- ${`${owner}:${group}`} ${path}
chmod -- ${`0${octal(mode)}`} ${path}`
}

function octal4(mode: number): string {
  return mode.toString(8).padStart(4, '0')
}
