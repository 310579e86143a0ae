import { onOneLine } from './printable.ts'
import type { Progress } from './progress.ts'
import { duration, type Paint } from './style.ts'
import { displayWidth, padded, truncate } from './width.ts'

/** The size of the terminal, the time, and what else a frame depends on. */
export interface Stage {
  readonly columns: number
  readonly rows: number
  /** of the same clock as the progress */
  readonly now: number
  readonly paint: Paint
  /** true once the run was asked to stop */
  readonly stopping: boolean
}

const spinner = [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏']
const mostHosts = 20

/**
 * What stands below the lines that are done: a row for each busy host, those longest at it first, and one that sums
 * up. Never wider than the terminal, nor so high that it could scroll.
 */
export function liveBlock(progress: Progress, stage: Stage): readonly string[] {
  if (progress.ended || progress.title === '') return []
  const busy = [...progress.doing].sort(([, one], [, other]) => one.since - other.since)
  const room = Math.max(0, Math.min(mostHosts, stage.rows - 3))
  const shown = busy.length <= room ? busy : busy.slice(0, Math.max(0, room - 1))
  const columns = stage.columns - 1
  const longest = Math.max(8, ...shown.map(([host]) => displayWidth(host)))
  const names = Math.min(longest, Math.max(4, Math.floor(columns / 3)))
  const rows = shown.map(([host, { what, since }]) => {
    const time = duration(stage.now - since).padStart(6)
    const left = truncate(`  ${padded(truncate(host, names), names)} ${time}`, columns)
    const right = truncate(`  ${onOneLine(what)}`, columns - displayWidth(left))
    return `${left}${stage.paint('dim', right)}`
  })
  const more = busy.length - shown.length
  const rest =
    more > 0 && room > 0 ? [stage.paint('dim', truncate(`  … and ${more} hosts more`, columns))] : []
  return [...rows, ...rest, summary(progress, stage, columns)]
}

function summary(progress: Progress, stage: Stage, columns: number): string {
  const { now, paint, stopping } = stage
  const turn = spinner[Math.floor(now / 100) % spinner.length] ?? ''
  const counts = countsOf(progress)
  const time = duration(now - progress.since)
  const tail = ['', time, ...counts].join('  ')
  const title = stopping ? 'stopping after what runs now' : onOneLine(progress.title)
  const room = columns - 2 - displayWidth(tail)
  // On a narrow terminal the counts say more than the title.
  if (room < 8) return `${paint('cyan', turn)} ${truncate([time, ...counts].join(' '), columns - 2)}`
  return `${paint('cyan', turn)} ${paint('bold', truncate(title, room))}${tail}`
}

function countsOf({ hosts, done, failed }: Progress): string[] {
  const left = [...hosts].filter((host) => !done.has(host) && !failed.has(host)).length
  return [
    `${done.size} done`,
    ...(failed.size > 0 ? [`${failed.size} failed`] : []),
    ...(left > 0 ? [`${left} left`] : []),
  ]
}
