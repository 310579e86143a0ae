import { setTimeout as sleep } from 'node:timers/promises'
import type { Emit } from '../engine/event.ts'
import type { Fleet } from '../engine/fleet.ts'
import { whyAnew } from './anew.ts'
import { explained } from './explain.ts'
import type { Failure } from './failure.ts'
import { lookAtStack, parseLook, placeAnew, type StackLook } from './look.ts'
import type { Managers } from './manager.ts'
import type { Service } from './service.ts'
import { type Verdict, verdictOf } from './verdict.ts'

/** What is followed, and for how long it may stand still. */
export interface Following {
  readonly stack: string
  /** the services that the stack's file has, all of which must come to run */
  readonly services: readonly string[]
  /** when it was deployed, in seconds of 1970 by the manager's clock */
  readonly deployed: number
  /** without any progress: after it a service counts as stuck */
  readonly patienceSeconds: number
  readonly fleet: Pick<Fleet, 'run' | 'inventory'>
  readonly emit: Emit
  readonly signal: AbortSignal
}

const everyMs = 1000

/**
 * Follows every service to its end, and tells of each step: all converged gives no failures. When one has failed the
 * others are not waited for: they are to be taken back with it.
 */
export async function follow(managers: Managers, following: Following): Promise<readonly Failure[]> {
  const { stack, services, deployed, patienceSeconds, fleet, emit, signal } = following
  const script = lookAtStack(stack)
  const told = new Map<string, string>()
  // What goes back and forth, as tasks that start and fail, is said each time, and is no progress.
  const reached = new Set<string>()
  const settled = new Set<string>()
  const nudged = new Set<string>()
  let progressAt = performance.now()
  for (;;) {
    signal.throwIfAborted()
    const look = parseLook(await managers.ask(`look at ${stack}`, script))
    const failures: { service: Service | undefined; name: string; verdict: Verdict }[] = []
    for (const name of services) {
      const service = look.services.find((each) => each.name === name)
      const verdict = verdictIn(look, service, deployed)
      const anew = service === undefined ? undefined : whyAnew(verdict, service, look)
      if (service !== undefined && anew !== undefined && !nudged.has(anew.key)) {
        nudged.add(anew.key)
        settled.delete(name)
        progressAt = performance.now()
        emit({ type: 'note', text: `${name}: ${anew.why}: asking for tasks made anew` })
        await managers.ask(`place ${name} anew`, placeAnew(service.id))
        continue
      }
      const words = wordsOf(name, verdict)
      if (told.get(name) !== words) {
        told.set(name, words)
        if (!reached.has(words)) progressAt = performance.now()
        reached.add(words)
        if (verdict.kind === 'converged') emit({ type: 'step', text: words })
        else emit({ type: 'note', text: words })
      }
      if (verdict.kind === 'converged') settled.add(name)
      else settled.delete(name)
      if (verdict.kind === 'rolled back' || verdict.kind === 'stuck')
        failures.push({ service, name, verdict })
    }
    if (failures.length > 0)
      return Promise.all(failures.map((each) => explained({ fleet, managers, look, deployed }, each)))
    if (settled.size === services.length) return []
    if (performance.now() - progressAt > patienceSeconds * 1000) {
      const left = services.filter((name) => !settled.has(name))
      return Promise.all(
        left.map((name) => {
          const service = look.services.find((each) => each.name === name)
          const why = `nothing has changed for ${patienceSeconds} s: ${told.get(name) ?? ''}`
          const verdict: Verdict = { kind: 'stuck', why }
          return explained({ fleet, managers, look, deployed }, { service, name, verdict })
        }),
      )
    }
    await sleep(everyMs, undefined, { signal })
  }
}

function verdictIn(look: StackLook, service: Service | undefined, deployed: number): Verdict {
  if (service === undefined) return { kind: 'converging', done: 0, wanted: 1 }
  const tasks = look.tasks.filter(({ serviceId }) => serviceId === service.id)
  return verdictOf({ service, tasks, nodes: look.nodes, now: look.now, deployed })
}

function wordsOf(name: string, verdict: Verdict): string {
  switch (verdict.kind) {
    case 'converging':
      return `${name}: ${verdict.done} of ${verdict.wanted} tasks run as deployed`
    case 'converged':
      return `${name}: converged, ${verdict.done} of ${verdict.wanted} tasks`
    default:
      return `${name}: ${verdict.kind}: ${verdict.why}`
  }
}
