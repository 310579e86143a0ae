import { amount } from '../../backup/amount.ts'
import type { BasesForeseen } from '../../backup/base/prune.ts'
import type { HeldBackup } from '../../backup/held.ts'
import type { Verdict } from '../../backup/retention.ts'
import { columns } from './table.ts'

/** What a prune removes. */
export interface Going {
  /** ids */
  readonly backups: readonly string[]
  /** ids of base backups */
  readonly bases: readonly string[]
  /** how many of the log */
  readonly files: number
}

export function goingOf(verdicts: readonly Verdict<HeldBackup>[], bases: BasesForeseen | undefined): Going {
  return {
    backups: verdicts.filter(({ reasons }) => reasons.length === 0).map(({ backup }) => backup.id),
    bases: [
      ...(bases?.verdicts ?? [])
        .filter(({ reasons }) => reasons.length === 0)
        .map(({ held }) => held.base.id),
      ...(bases?.unfinished ?? []),
    ],
    files: bases?.log.length ?? 0,
  }
}

/** "2 backups, 1 base backup and 31 files of the log"; backups are named even where there are none. */
export function inWords({ backups, bases, files }: Going): string {
  const many = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`
  const parts = [
    ...(backups.length > 0 || bases.length + files === 0 ? [many(backups.length, 'backup')] : []),
    ...(bases.length > 0 ? [many(bases.length, 'base backup')] : []),
    ...(files > 0 ? [`${many(files, 'file')} of the log`] : []),
  ]
  return parts.length > 1 ? `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}` : (parts[0] ?? '')
}

/** For programs. */
export function pruneRecord(verdicts: readonly Verdict<HeldBackup>[], bases: BasesForeseen | undefined) {
  const backups = verdicts.map(({ backup: { id, at, complete, bytes, verified }, reasons }) => ({
    ...{ id, at: at.toISOString(), complete, verified, bytes },
    ...{ keep: reasons.length > 0, reasons },
  }))
  if (bases === undefined) return { backups }
  return {
    backups,
    bases: bases.verdicts.map(({ held: { base, bytes }, reasons }) => ({
      ...{ id: base.id, endedAt: base.endedAt, bytes, keep: reasons.length > 0, reasons },
    })),
    unfinishedBases: bases.unfinished,
    log: { files: bases.log.length, bytes: sizeOf(bases) },
    ...(bases.doubt === undefined ? {} : { doubt: bases.doubt }),
  }
}

/** A table: what stays and why, and what goes. */
export function pruneLines(store: string, verdicts: readonly Verdict<HeldBackup>[]): readonly string[] {
  if (verdicts.length === 0) return [`${store} has no backups`]
  const rows = verdicts.map(({ backup, reasons }) => [
    reasons.length > 0 ? 'keep' : 'remove',
    backup.id,
    amount(backup.bytes),
    reasons.length > 0 ? reasons.join(', ') : whyGone(backup),
  ])
  return columns([['', 'backup', 'size', 'why'], ...rows]).map((line) => line.trimEnd())
}

/** The same of base backups and the log; nothing where there are none. */
export function baseLines(bases: BasesForeseen | undefined): readonly string[] {
  if (bases === undefined) return []
  if (bases.doubt !== undefined)
    return ['', `base backups and the log all stay, since it is not known what they need: ${bases.doubt}`]
  const rows = [
    ...bases.verdicts.map(({ held: { base, bytes }, reasons }) => [
      reasons.length > 0 ? 'keep' : 'remove',
      base.id,
      amount(bytes),
      reasons.length > 0 ? reasons.join(', ') : 'nothing keeps it',
    ]),
    ...bases.unfinished.map((id) => ['remove', id, '', 'unfinished']),
  ]
  if (rows.length === 0) return []
  const table = columns([['', 'base backup', 'size', 'why'], ...rows]).map((line) => line.trimEnd())
  const { length } = bases.log
  const log =
    length === 0 ? [] : [`remove  ${length} files of the log, ${amount(sizeOf(bases))}: from before them`]
  return ['', ...table, ...log]
}

const sizeOf = ({ log }: BasesForeseen): number => log.reduce((sum, { size }) => sum + size, 0)

function whyGone({ complete, drill }: HeldBackup): string {
  if (!complete) return 'unfinished'
  if (drill === undefined) return 'nothing keeps it'
  const day = drill.at.toISOString().slice(0, 10)
  return `nothing keeps it; a drill ${drill.passed ? 'restored it' : 'failed on it'} on ${day}`
}
