import { ConnectionError } from '../../connection/error.ts'
import type { Emit } from '../../engine/event.ts'
import type { Fleet } from '../../engine/fleet.ts'
import { messageOf, QuaysideError } from '../../error.ts'
import type { Host } from '../../inventory/inventory.ts'
import { type Cluster, nodeIdOf } from '../cluster.ts'
import { fits } from '../constraint.ts'
import type { Node } from '../node.ts'
import type { Expected } from './expected.ts'
import type { Finding } from './finding.ts'
import { type Asked, judge } from './judge.ts'
import { lookAtNode, lookUp, type NodeLook, parseNodeLook, type Questions } from './node-look.ts'

const seconds = 40

/**
 * Looks whether a deploy can go well, and changes nothing: a manager is asked for the digests of images, then all hosts at the
 * same time, each once. Tells of every subject. Throws a QuaysideError that has all that failed, unless `mayFail`.
 */
export async function preflight(
  { fleet, emit }: { readonly fleet: Fleet; readonly emit: Emit },
  hosts: readonly Host[],
  cluster: Cluster,
  expected: Expected,
  mayFail: boolean,
): Promise<void> {
  const started = performance.now()
  const { via, nodes } = cluster
  if (via === undefined) {
    emit({ type: 'note', text: 'preflight: there is no swarm yet to look at' })
    return
  }
  const pinned = await withDigests(fleet, via, expected)
  const looks = await Promise.all(hosts.map((host) => ask(fleet, host, nodeOf(host), pinned)))
  const asked = looks.flatMap((each) => (typeof each === 'string' ? [] : [each]))
  const silent = looks.filter((each) => typeof each === 'string')
  const findings = judge({ nodes, silent, asked }, pinned)
  tell(emit, findings, performance.now() - started)
  const bad = findings.filter(({ verdict }) => verdict === 'failed')
  if (bad.length === 0 || mayFail) return
  throw new QuaysideError(
    `the deploy would not go well, and nothing was touched\n${bad.map(({ subject, seen }) => `  ${subject}: ${seen}`).join('\n')}`,
    { hint: 'mend it and deploy again; with stack_preflight: tell it is told, and no reason to stop' },
  )

  function nodeOf(host: Host): Node | undefined {
    const id = nodeIdOf(cluster, host.name)
    return nodes.find((node) => node.id === id)
  }
}

/** References by digest, as the swarm will ask for them; one that no registry tells of stays as it is. */
async function withDigests(fleet: Fleet, via: Host, expected: Expected): Promise<Expected> {
  const tagged = [...new Set(expected.services.map(({ image }) => image))].filter(
    (image) => !image.includes('@'),
  )
  const script = lookUp(tagged)
  const results = await fleet.run([via], 'look images up', () => script, { timeoutSeconds: seconds })
  const { images } = parseNodeLook(results.get(via.name)?.stdout ?? '', tagged)
  const pinned = (image: string) => {
    const seen = images.get(image)
    return seen?.kind === 'there' ? `${image.replace(/:[^:/]*$/, '')}@${seen.digest}` : image
  }
  return { ...expected, services: expected.services.map((each) => ({ ...each, image: pinned(each.image) })) }
}

/** The host's name where it cannot be asked. */
async function ask(
  fleet: Fleet,
  host: Host,
  node: Node | undefined,
  { services }: Expected,
): Promise<Asked | string> {
  if (node === undefined) return host.name
  const own = services.filter(({ constraints }) => fits(node, constraints))
  const questions: Questions = {
    images: [...new Set(own.map(({ image }) => image))],
    ports: [...new Set(own.flatMap(({ ports }) => ports))],
  }
  try {
    await fleet.session(host)
    const sent = Date.now()
    const script = lookAtNode(questions)
    const results = await fleet.run([host], 'look at it before the deploy', () => script, {
      timeoutSeconds: seconds,
    })
    const look = parseNodeLook(results.get(host.name)?.stdout ?? '', questions.images)
    return { name: host.name, node, look, ...clockOf(look, sent, Date.now()) }
  } catch (error) {
    if (!(error instanceof ConnectionError))
      throw new QuaysideError(`preflight: ${host.name}: ${messageOf(error)}`)
    return host.name
  }
}

/** It first read its clock after it was asked, and last before we had its answer. Milliseconds of ours, seconds of its own. */
function clockOf({ clock }: NodeLook, sent: number, answered: number): Pick<Asked, 'ahead' | 'doubt'> {
  const [most, least] = [clock.first - sent / 1000, clock.last - answered / 1000]
  return { ahead: (most + least) / 2, doubt: Math.max(0, most - least) / 2 }
}

/** One line for each subject in which all is well, one for each thing that is not. */
function tell(emit: Emit, findings: readonly Finding[], ms: number): void {
  const ok = findings.filter(({ verdict }) => verdict === 'ok')
  for (const { subject, verdict, seen } of findings)
    if (verdict !== 'ok') emit({ type: 'note', text: `preflight: ${subject}: ${verdict}: ${seen}` })
  emit({
    type: 'step',
    text: `preflight: ${ok.map(({ subject, seen }) => `${subject}: ${seen}`).join('; ')}`,
    ms,
  })
}
