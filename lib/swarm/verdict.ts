import { fits } from './constraint.ts'
import type { Node } from './node.ts'
import type { Service, Task } from './service.ts'

/** What a manager knows of a service at one moment. */
export interface Look {
  readonly service: Service
  /** those that are as the service now says, whatever has become of them */
  readonly tasks: readonly Task[]
  readonly nodes: readonly Node[]
  /** seconds of 1970, by the manager's clock */
  readonly now: number
  /** when the stack was deployed, by the same clock */
  readonly deployed: number
}

/** What is to be said of it. */
export type Verdict =
  | { readonly kind: 'converging' | 'converged'; readonly done: number; readonly wanted: number }
  /** the swarm itself takes the update back */
  | { readonly kind: 'rolling back' | 'rolled back'; readonly why: string }
  /** nothing will come of it by waiting */
  | { readonly kind: 'stuck'; readonly why: string; readonly task?: Task }

/** Failures of a service that nothing rolls back, until it counts as one that will not run: one is a hiccup. */
const failuresBorne = 3
/** A node that comes back is taken at once; what fits no node for longer will not run by itself. */
const unplacedSeconds = 30

const ended = new Set(['complete', 'shutdown', 'failed', 'rejected', 'orphaned', 'remove'])
const failed = new Set(['failed', 'rejected'])

/** The truth about a service after a deploy. Pure: the same look, the same verdict. */
export function verdictOf(look: Look): Verdict {
  const { service, tasks, nodes, now } = look
  switch (service.update?.state) {
    case 'paused':
    case 'rollback_paused':
      return { kind: 'stuck', why: service.update.message, ...last(failures(look)) }
    case 'rollback_started':
      return { kind: 'rolling back', why: service.update.message }
    case 'rollback_completed':
      return { kind: 'rolled back', why: service.update.message }
  }
  if (service.mode.kind === 'job' || service.restart === 'none') return onceVerdict(look)
  const wanted = wantedOf(service, nodes)
  if (service.mode.kind === 'global' && wanted === 0)
    return { kind: 'stuck', why: `no node fits ${service.constraints.join(' and ') || 'it'}` }
  const down = new Set(nodes.filter(({ state }) => state === 'down').map(({ id }) => id))
  const live = tasks.filter((task) => !ended.has(task.desired) && !down.has(task.nodeId))
  // After a change of leaders a node is "unknown" until it has reported: it may be the one that died.
  const ready = new Set(nodes.filter(({ state }) => state === 'ready').map(({ id }) => id))
  const running = live.filter(({ state, nodeId }) => state === 'running' && ready.has(nodeId))
  const sure = running.filter((task) => now - task.since >= service.monitorSeconds)
  // A swarm that has another leader since says "completed" without having watched the last of them.
  if (service.update?.state !== 'updating' && sure.length >= wanted) return done('converged', running, wanted)
  return trouble(look, live) ?? done('converging', running, wanted)
}

/** How many tasks a service is to have. */
function wantedOf({ mode, constraints }: Service, nodes: readonly Node[]): number {
  if (mode.kind !== 'global') return mode.replicas
  const may = nodes.filter(({ state, availability }) => state !== 'down' && availability === 'active')
  return may.filter((node) => fits(node, constraints)).length
}

function onceVerdict(look: Look): Verdict {
  const { service, tasks } = look
  const wanted = service.mode.kind === 'global' ? wantedOf(service, look.nodes) : service.mode.replicas
  const complete = tasks.filter(({ state }) => state === 'complete')
  if (complete.length >= wanted) return done('converged', complete, wanted)
  const bad = failures(look)
  const enough = service.restart === 'none' ? 1 : failuresBorne
  if (bad.length >= enough) return { kind: 'stuck', why: 'it ended with a failure', ...last(bad) }
  return trouble(look, tasks) ?? done('converging', complete, wanted)
}

/** What no waiting mends. While an update is under way the swarm itself judges failures; after it, it no longer does. */
function trouble(look: Look, live: readonly Task[]): Verdict | undefined {
  const bad = failures(look)
  if (look.service.update?.state !== 'updating' && bad.length >= failuresBorne)
    return { kind: 'stuck', why: `it failed ${bad.length} times`, ...last(bad) }
  const unplaced = live.find(
    ({ state, error, created }) =>
      state === 'pending' && error !== '' && look.now - Math.max(created, look.deployed) > unplacedSeconds,
  )
  return unplaced === undefined ? undefined : { kind: 'stuck', why: unplaced.error, task: unplaced }
}

/** What failed since the deploy, the oldest first. */
function failures({ tasks, deployed }: Look): readonly Task[] {
  return tasks
    .filter(({ state, since }) => failed.has(state) && since >= deployed)
    .toSorted((one, two) => one.since - two.since)
}

function last(tasks: readonly Task[]): { readonly task?: Task } {
  const task = tasks.at(-1)
  return task === undefined ? {} : { task }
}

function done(kind: 'converging' | 'converged', tasks: readonly Task[], wanted: number): Verdict {
  return { kind, done: Math.min(tasks.length, wanted), wanted }
}
