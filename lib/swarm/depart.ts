import { setTimeout as sleep } from 'node:timers/promises'
import { deployLock } from '../deploy/index.ts'
import { withLock } from '../engine/lock.ts'
import { messageOf, QuaysideError } from '../error.ts'
import { sh } from '../script/index.ts'
import type { SwarmSite, SwarmWork } from './converge.ts'
import { follow } from './follow.ts'
import { aloneOn, type Hindrance, hindrances, toMove } from './hindrance.ts'
import { placeAnew } from './look.ts'
import { reachedManagers } from './majority.ts'
import { Managers } from './manager.ts'
import type { Node } from './node.ts'
import { nameOf } from './ours.ts'
import { keepsQuorum } from './quorum.ts'
import { verdictOf } from './verdict.ts'
import { lookAtWhole, parseWhole, type Resident, type Whole } from './whole.ts'

/** Without any progress. */
const patienceSeconds = 300
const everyMs = 1000

/**
 * Takes nodes out of the swarm whose hosts the inventory no longer has. Each is drained, what ran on it is followed until it
 * runs elsewhere, a manager is demoted, and then the node is removed. Throws a QuaysideError before anything is touched where one
 * keeps data that is nowhere else, or is the only one that fits a service.
 */
export async function depart(
  work: SwarmWork,
  site: SwarmSite,
  nodes: readonly Node[],
  gone: readonly Node[],
): Promise<void> {
  const { fleet, emit, signal, check } = work
  const reached = await reachedManagers(fleet, site.managers, emit)
  const managers = new Managers(work, reached)
  const ask = async () => parseWhole(await managers.ask('look at what runs', lookAtWhole))
  const before = await ask()
  demandFree(work, before, gone)
  demandMajority(work, nodes, gone)
  if (check) {
    for (const node of gone) {
      const moved = toMove(node, before).map(({ name }) => name)
      if (moved.length > 0)
        emit({ type: 'note', text: `${nameOf(node)}: ${moved.join(', ')} would move elsewhere` })
    }
    return converge(gone, ['drained', 'absent'])
  }
  await withLock(fleet, reached, deployLock('swarm'), async () => {
    for (const node of gone) {
      signal.throwIfAborted()
      await moveAway(node)
      await converge([node], ['absent'])
      fleet.demand(`${nameOf(node)} could not be removed`)
      const text = `${nameOf(node)} is no node any more; its engine is not told: docker swarm leave --force, if that host is to serve something else`
      emit({ type: 'note', text })
    }
  })

  async function converge(which: readonly Node[], steps: readonly ('drained' | 'absent')[]): Promise<void> {
    const { name } = managers.first
    const roles = steps.map((step) =>
      step === 'drained' ? work.roles.drained(which) : work.roles.departed(which, work.quorumMayGo),
    )
    await fleet.converge([{ hosts: name, roles }])
  }

  async function moveAway(node: Node): Promise<void> {
    const name = nameOf(node)
    const whole = await ask()
    const moving = toMove(node, whole).filter(({ volumes }) => volumes.length === 0 || !work.dataMayGo)
    const { availability } = node
    try {
      if (availability === 'active') {
        const alone = aloneOn(node, moving, whole)
        if (alone.length > 0) {
          // A node that is paused gets no task: those made anew start elsewhere, before the old ones end.
          await managers.ask(`pause ${name}`, setAvailability(node, 'pause'))
          for (const service of alone) await startElsewhere(service)
        }
      }
      await converge([node], ['drained'])
      fleet.demand(`${name} could not be drained`)
      await settled(node, moving)
    } catch (error) {
      signal.throwIfAborted()
      if (availability !== 'active') throw error
      await managers.ask(`${name} gets tasks again`, setAvailability(node, 'active'))
      throw new QuaysideError(`${name} stays in the swarm: ${messageOf(error)}`, {
        hint: 'it gets tasks again; make room elsewhere, or put it back into the inventory',
        cause: error,
      })
    }
  }

  async function startElsewhere({ id, name, stack }: Resident): Promise<void> {
    if (stack === undefined) return
    const { now } = await ask()
    await managers.ask(`start ${name} elsewhere`, placeAnew(id))
    const [failure] = await follow(managers, {
      stack,
      services: [name],
      deployed: now,
      patienceSeconds,
      fleet,
      emit,
      signal,
    })
    if (failure !== undefined) throw new QuaysideError(`${name}: ${failure.kind}: ${failure.why}`)
  }

  /** Waits until nothing runs on a node, and each of these services runs without it. */
  async function settled(node: Node, services: readonly Resident[]): Promise<void> {
    let since = performance.now()
    const { now: drained } = await ask()
    let said = ''
    for (;;) {
      signal.throwIfAborted()
      const left = leftToMove(node, services, await ask(), drained)
      if (left.length === 0) return
      const text = `${nameOf(node)}: ${left.join('; ')}`
      if (text !== said) {
        emit({ type: 'note', text })
        said = text
        since = performance.now()
      }
      if (performance.now() - since > patienceSeconds * 1000)
        throw new QuaysideError(`nothing has changed for ${patienceSeconds} s: ${left.join('; ')}`)
      await sleep(everyMs, undefined, { signal })
    }
  }
}

/** What is still to come before a node can go: a line for each service. Throws a QuaysideError for one that runs nowhere else. */
export function leftToMove(
  node: Node,
  services: readonly Resident[],
  { tasks, nodes, now }: Whole,
  drained: number,
): readonly string[] {
  // What a node that is down last said of its tasks it will not take back.
  const isDown = nodes.find(({ id }) => id === node.id)?.state === 'down'
  return services.flatMap((service) => {
    const own = tasks.filter(({ serviceId }) => serviceId === service.id)
    const here = own.filter(({ nodeId, state }) => nodeId === node.id && live.has(state))
    if (here.length > 0 && !isDown) return [`${service.name}: ${here.length} of its tasks end`]
    const elsewhere = own.filter(({ nodeId }) => nodeId !== node.id)
    // How its last update ended does not matter here.
    const look = {
      service: { ...service, update: undefined },
      tasks: elsewhere,
      nodes,
      now,
      deployed: drained,
    }
    const verdict = verdictOf(look)
    if (verdict.kind === 'converged') return []
    if (verdict.kind === 'stuck') throw new QuaysideError(`${service.name}: ${verdict.why}`)
    return 'wanted' in verdict
      ? [`${service.name}: ${verdict.done} of ${verdict.wanted} tasks run elsewhere`]
      : []
  })
}

const live = new Set(['assigned', 'accepted', 'preparing', 'ready', 'starting', 'running'])

function setAvailability({ id }: Node, availability: Node['availability']) {
  return sh`docker node update --availability ${availability} ${id} >/dev/null`
}

function demandFree(work: SwarmWork, whole: Whole, gone: readonly Node[]): void {
  const found = gone.flatMap((node) =>
    hindrances(node, whole, gone)
      .filter(({ kind }) => kind !== 'data' || !work.dataMayGo)
      .map((each) => ({ node, ...each })),
  )
  if (found.length === 0) return
  throw new QuaysideError(
    `not every node that left the inventory can leave the swarm\n${found.map((each) => `  ${told(each)}`).join('\n')}`,
    {
      hint: found.some(({ kind }) => kind === 'data')
        ? 'put the host back, or move the data to another (backup, restore) and the label with it; swarm.ts --abandon-data removes it all the same'
        : 'give another host what is missing (swarm_labels), and run this again',
    },
  )
}

function told({ node, kind, service, what }: Hindrance & { node: Node }): string {
  const name = nameOf(node)
  if (kind === 'data')
    return `${name}: ${service} keeps its data there (volume ${what.join(', ')}), and runs nowhere else`
  return `${name}: no other node fits ${service}${what.length === 0 ? '' : ` (${what.join(' and ')})`}`
}

/** One after another, as they are to go: none may leave the others without a majority. */
function demandMajority({ quorumMayGo }: SwarmWork, nodes: readonly Node[], gone: readonly Node[]): void {
  if (quorumMayGo) return
  let voters = nodes.filter(({ role }) => role === 'manager')
  for (const node of gone.filter(({ role }) => role === 'manager')) {
    if (!keepsQuorum(voters, node.id))
      throw new QuaysideError(
        `without ${nameOf(node)}, which left the inventory, the swarm would lose its quorum: ${voters.filter(({ reachable }) => reachable).length} of ${voters.length} managers are reachable`,
        {
          hint: 'bring the other managers back first; docker swarm init --force-new-cluster on one, where they are gone for good',
        },
      )
    voters = voters.filter(({ id }) => id !== node.id)
  }
}
