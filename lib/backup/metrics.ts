import type { Metric } from '../metrics/exposition.ts'
import type { HeldBackup } from './held.ts'
import { type Manifest, objectsOf } from './manifest.ts'

/**
 * What there is of backups: when the newest was taken, what of it a drill proved, how much there is. Times, not ages:
 * a file that nobody writes any more must not look young. `newest` is the manifest of the newest complete one.
 */
export function backupMetrics(
  env: string,
  held: readonly HeldBackup[],
  newest: Manifest | undefined,
): readonly Metric[] {
  const gauge = gaugeOf(env)
  const complete = held.filter((each) => each.complete).sort((a, b) => b.at.getTime() - a.at.getTime())
  const proven = complete.filter((each) => each.verified)
  const seconds = (at: Date | undefined) => (at === undefined ? undefined : at.getTime() / 1000)
  const newestDrill = Math.max(...proven.map((each) => each.drill?.at.getTime() ?? 0))
  return [
    gauge(
      'backup_last_timestamp_seconds',
      'When the newest complete backup was taken.',
      seconds(complete[0]?.at),
    ),
    gauge('backup_last_size_bytes', 'What it takes in the store.', newest && sizeOf(newest)),
    gauge('backup_last_duration_seconds', 'How long it took.', newest && durationOf(newest)),
    gauge(
      'backup_verified_timestamp_seconds',
      'When a drill last restored a backup and found all of it well.',
      proven.length === 0 ? undefined : newestDrill / 1000,
    ),
    gauge(
      'backup_verified_taken_timestamp_seconds',
      'When the newest backup was taken that a drill has restored.',
      seconds(proven[0]?.at),
    ),
    gauge('backups', 'Complete backups in the store.', complete.length),
    gauge(
      'backup_unfinished',
      'Backups that were begun and are not complete.',
      held.length - complete.length,
    ),
    gauge(
      'backup_stored_bytes',
      'All backups of the environment in the store.',
      held.reduce((sum, { bytes }) => sum + bytes, 0),
    ),
  ]
}

/** What a drill found, of its evidence. */
export interface DrillFigures {
  readonly startedAt: string
  readonly finishedAt: string
  readonly ok: boolean
  readonly rpoSeconds?: number | undefined
  readonly rtoSeconds?: number | undefined
}

/** How the last drill went, well or not. */
export function drillMetrics(env: string, drill: DrillFigures): readonly Metric[] {
  const gauge = gaugeOf(env)
  const [start, end] = [Date.parse(drill.startedAt), Date.parse(drill.finishedAt)]
  return [
    gauge('drill_last_timestamp_seconds', 'When the last drill ended, however it went.', end / 1000),
    gauge(
      'drill_last_passed',
      '1 where it restored the backup and found all well, else 0.',
      drill.ok ? 1 : 0,
    ),
    gauge('drill_last_duration_seconds', 'How long it took.', (end - start) / 1000),
    gauge(
      'drill_rpo_seconds',
      'What would have been lost, had all burnt down when it began.',
      drill.rpoSeconds,
    ),
    gauge('drill_rto_seconds', 'From its start to an app that answers.', drill.rtoSeconds),
  ]
}

function gaugeOf(env: string) {
  return (name: string, help: string, value: number | undefined): Metric => ({
    name: `quayside_${name}`,
    help,
    type: 'gauge',
    samples: value === undefined ? [] : [{ labels: { env }, value }],
  })
}

function sizeOf(manifest: Manifest): number {
  return objectsOf(manifest).reduce((sum, { size }) => sum + size, 0)
}

function durationOf({ takenAt, finishedAt }: Manifest): number {
  return (Date.parse(finishedAt) - Date.parse(takenAt)) / 1000
}
