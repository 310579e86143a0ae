import { UsageError } from '../error.ts'
import { nearest } from '../inventory/nearest.ts'
import type { Play } from './play.ts'
import type { HostPlay } from './task.ts'

/** What the plays mean on each host, by its name. */
export type Work = ReadonlyMap<string, ReadonlyMap<Play, HostPlay>>

/**
 * The work from the first resource on whose id is `pattern` (`*` stands for anything): the plays before it are left
 * out, and in its own play what stands before it, on the hosts that have it. Throws a UsageError when none has.
 */
export function startingAt(plays: readonly Play[], work: Work, pattern: string): Work {
  const fits = matcher(pattern)
  const at = plays.findIndex((play) =>
    [...work.values()].some((mine) => mine.get(play)?.tasks.some((task) => fits(task.resource.id))),
  )
  if (at < 0) throw notFound(pattern, work)
  return new Map(
    [...work].map(([host, mine]) => [
      host,
      new Map([...mine].map(([play, hostPlay]) => [play, cut(hostPlay, plays.indexOf(play) - at)])),
    ]),
  )

  function cut(hostPlay: HostPlay, distance: number): HostPlay {
    if (distance > 0) return hostPlay
    if (distance < 0) return { ...hostPlay, tasks: [] }
    const first = hostPlay.tasks.findIndex((task) => fits(task.resource.id))
    return { ...hostPlay, tasks: hostPlay.tasks.slice(Math.max(0, first)) }
  }
}

function matcher(pattern: string): (id: string) => boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*')
  const shape = new RegExp(`^${source}$`, 's')
  return (id) => shape.test(id)
}

function notFound(pattern: string, work: Work): UsageError {
  const ids = [...work.values()].flatMap((mine) =>
    [...mine.values()].flatMap(({ tasks }) => tasks.map((task) => task.resource.id)),
  )
  const near = nearest(pattern, [...new Set(ids)])
  const hint = near === undefined ? 'see --list-tasks; "*" stands for anything' : `did you mean "${near}"?`
  return new UsageError(`--start-at: no resource is called "${pattern}"`, hint)
}
