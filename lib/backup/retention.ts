import { exit, QuaysideError } from '../error.ts'
import { periodOf, periods } from './period.ts'
import type { Keep } from './settings.ts'

/** A backup as retention sees it. */
export interface Held {
  readonly id: string
  /** when it was begun */
  readonly at: Date
  /** it has a manifest */
  readonly complete: boolean
  /** its newest drill restored it, and says so in evidence that we trust */
  readonly verified: boolean
  /** what keeps it whatever we want: "locked until 2026-12-01" */
  readonly held?: string
}

/** What is to become of a backup: it stays for these reasons, and goes where there are none. */
export interface Verdict<H extends Held = Held> {
  readonly backup: H
  readonly reasons: readonly string[]
}

/** An unfinished backup that is younger may be another run's work of this moment. */
export const unfinishedMs = 24 * 60 * 60 * 1000

/**
 * Which backups stay, newest first, and why: the newest ones, and the newest of each day, week, month and year that
 * has any, as restic and borg count. Whatever `keep` says, there stay the newest, the newest that a drill has restored,
 * what is held, and what a run may be at. Throws where `keep` would keep nothing, which is more likely a slip than a wish.
 */
export function judgeBackups<H extends Held>(
  backups: readonly H[],
  keep: Keep,
  now: Date,
): readonly Verdict<H>[] {
  if (![keep.last, ...periods.map((period) => keep[period])].some((count = 0) => count > 0))
    throw new QuaysideError('backup_keep keeps nothing: every count in it is 0', {
      exitCode: exit.usage,
      hint: 'backup_keep: { last: 3, daily: 7, weekly: 4, monthly: 12 }',
    })
  const newestFirst = [...backups].sort(
    (a, b) => b.at.getTime() - a.at.getTime() || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0),
  )
  const complete = newestFirst.filter((each) => each.complete)
  const reasons = new Map<H, string[]>(newestFirst.map((each) => [each, []]))
  const say = (backup: H | undefined, why: string) => {
    if (backup !== undefined) reasons.get(backup)?.push(why)
  }
  say(complete[0], 'newest')
  say(
    complete.find((each) => each.verified),
    'newest that a drill restored',
  )
  complete.slice(0, keep.last ?? 0).forEach((each, index) => {
    say(each, `last ${index + 1}`)
  })
  for (const period of periods) {
    const newestOf = new Map<string, H>()
    for (const each of complete) {
      const name = periodOf(period, each.at)
      if (!newestOf.has(name)) newestOf.set(name, each)
    }
    for (const [name, each] of [...newestOf].slice(0, keep[period] ?? 0)) say(each, `${period} ${name}`)
  }
  for (const each of newestFirst) {
    if (each.held !== undefined) say(each, each.held)
    if (each.complete) continue
    // Without any whole one, what is there may be all that can be saved.
    if (complete.length === 0) say(each, 'no backup is complete yet')
    else if (now.getTime() - each.at.getTime() < unfinishedMs) say(each, 'unfinished: a run may be at it')
  }
  return newestFirst.map((backup) => ({ backup, reasons: reasons.get(backup) ?? [] }))
}
