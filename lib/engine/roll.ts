import type { Host } from '../inventory/inventory.ts'
import { convergeHost } from './converge.ts'
import type { Course, PlayCourse } from './course.ts'
import { Once } from './once.ts'
import type { Play } from './play.ts'
import { pool } from './pool.ts'
import { batchesOf, stopsPlay } from './serial.ts'
import type { Session } from './session.ts'
import type { Tallies } from './tallies.ts'
import type { HostPlay } from './task.ts'
import { Throttle } from './throttle.ts'

/** What rolling a play over its hosts needs of the fleet. */
export interface Rolling {
  readonly course: Course
  readonly forks: number
  readonly tallies: Tallies
  readonly session: (host: Host) => Promise<Session>
  readonly sessionOf: (name: string) => Promise<Session>
  readonly work: (host: Host) => HostPlay | undefined
  /** does the work; a failure is told and noted on the host's tally */
  readonly guard: (host: Host, work: () => Promise<void>) => Promise<'ok' | 'failed' | 'left-out'>
}

/**
 * Plays on hosts in serial batches, in each up to `forks` at the same time. Once too many have failed no host is
 * begun, and those under way stop after their resource; gives the reason then.
 */
export async function roll(
  play: Play,
  hosts: readonly Host[],
  rolling: Rolling,
): Promise<string | undefined> {
  const { course, forks, tallies, guard } = rolling
  const ended = new Set<string>()
  let why: string | undefined
  const shared: PlayCourse = {
    ...course,
    once: new Once(hosts.map((host) => host.name)),
    throttle: new Throttle(),
    sessionOf: rolling.sessionOf,
    stopped: () => why,
  }
  const playOn = async (host: Host): Promise<void> => {
    const work = rolling.work(host)
    if (work !== undefined)
      await convergeHost(await rolling.session(host), work, tallies.of(host.name), shared)
  }
  const batches = batchesOf(hosts, play.serial)
  for (const [index, batch] of batches.entries()) {
    if (why !== undefined) break
    tell(play, batch, index, batches.length, course)
    let failed = 0
    await pool(batch, Math.min(forks, play.throttle ?? forks), async (host) => {
      if (why !== undefined) return
      const outcome = await guard(host, () => playOn(host))
      if (outcome === 'ok') course.emit({ type: 'played', host: host.name })
      shared.once.leave(host.name)
      if (outcome !== 'left-out') ended.add(host.name)
      if (outcome !== 'failed') return
      failed += 1
      why ??= stopsPlay(play, { size: batch.length, failed })
    })
  }
  if (why === undefined) return undefined
  const left = hosts.filter((host) => !ended.has(host.name))
  for (const { name } of left) tallies.of(name).state = 'left-out'
  course.emit({ type: 'play-stopped', hosts: play.hosts, why, left: left.map(({ name }) => name) })
  return why
}

function tell(play: Play, batch: readonly Host[], index: number, of: number, { emit }: Course): void {
  const on = batch.map((host) => host.name)
  const roles = play.roles.map((role) => role.name)
  const turn = of < 2 ? {} : { batch: { index: index + 1, of } }
  emit({ type: 'play', hosts: play.hosts, on, roles, ...turn })
}
