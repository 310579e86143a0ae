import { fits } from '../constraint.ts'
import type { Node } from '../node.ts'
import { majority } from '../quorum.ts'
import type { Expected, ExpectedService } from './expected.ts'
import type { Finding, Subject } from './finding.ts'
import type { NodeLook } from './node-look.ts'

/** A host as it answered, with its node in the swarm. */
export interface Asked {
  readonly name: string
  readonly node: Node
  readonly look: NodeLook
  /** how far its clock is ahead of this machine's, in seconds, and by how much that may be wrong */
  readonly ahead: number
  readonly doubt: number
}

/** All that was seen. */
export interface Seen {
  readonly nodes: readonly Node[]
  /** "swarm-2": hosts that could not be asked */
  readonly silent: readonly string[]
  readonly asked: readonly Asked[]
}

/** seconds; certificates and tokens are made out by clocks, and what happened when is told by several of them */
const skewWarning = 2
const skewFailed = 30
/** seconds after which IPVS forgets an idle connection */
const ipvsIdle = 900

/** What every check makes of it, in the order of Subject. Pure. */
export function judge(seen: Seen, expected: Expected): readonly Finding[] {
  return [
    ...nodes(seen),
    ...placement(seen, expected),
    ...quorum(seen),
    ...disk(seen, expected),
    ...images(seen, expected),
    ...ports(seen, expected),
    ...ipvs(seen, expected),
    ...encryption(seen, expected),
    ...idle(expected),
    ...connections(expected),
    ...clock(seen),
  ]
}

const failed = (subject: Subject, text: string): Finding => ({ subject, verdict: 'failed', seen: text })
const warning = (subject: Subject, text: string): Finding => ({ subject, verdict: 'warning', seen: text })
/** What is wrong; or, where nothing is, that nothing is. */
const orOk = (subject: Subject, bad: readonly Finding[], text: string): readonly Finding[] =>
  bad.some(({ verdict }) => verdict !== 'ok') ? bad : [{ subject, verdict: 'ok', seen: text }]

const isReady = ({ state, availability }: Node) => state === 'ready' && availability === 'active'
const mayRun = (node: Node, { constraints }: ExpectedService) => fits(node, constraints)
/** What of a stack a node may be given. */
const servicesOn = (node: Node, { services }: Expected) => services.filter((each) => mayRun(node, each))

function nodes({ nodes, silent, asked }: Seen): readonly Finding[] {
  const bad = [
    ...nodes
      .filter(({ state }) => state !== 'ready')
      .map(({ hostname, state }) => warning('nodes', `${hostname} is ${state}: it gets no task`)),
    ...nodes
      .filter((node) => node.state === 'ready' && node.availability !== 'active')
      .map(({ hostname, availability }) => warning('nodes', `${hostname}: ${availability}, it gets no task`)),
    ...silent.map((name) => warning('nodes', `${name} cannot be asked`)),
    ...asked
      .filter(({ look }) => look.docker !== 'there')
      .map(({ name, look }) =>
        failed(
          'nodes',
          look.docker === 'none' ? `${name} has no Docker` : `${name}: its engine does not answer`,
        ),
      ),
  ]
  return orOk('nodes', bad, `${nodes.length} are ready`)
}

function placement({ nodes, asked }: Seen, { services, stack }: Expected): readonly Finding[] {
  const bad = services
    .filter((service) => !nodes.some((node) => isReady(node) && mayRun(node, service)))
    .map((service) => {
      const { name, constraints } = service
      const stays = asked.find(
        ({ node, look }) =>
          node.availability === 'pause' && mayRun(node, service) && look.runs.includes(`${stack}_${name}`),
      )
      return stays === undefined
        ? failed(
            'placement',
            `no node that is ready fits ${name}: ${constraints.join(' and ') || 'any would'}`,
          )
        : warning(
            'placement',
            `${name} stays on ${stays.name}, which is paused: changed, it would fit no node`,
          )
    })
  return orOk('placement', bad, `each of ${services.length} services fits a node`)
}

function quorum({ nodes }: Seen): readonly Finding[] {
  const managers = nodes.filter(({ role }) => role === 'manager')
  const well = managers.filter(({ reachable }) => reachable).length
  const need = majority(managers.length)
  const text = `${well} of ${managers.length} managers are reachable`
  if (well < need) return [failed('quorum', `${text}, and ${need} have to be`)]
  if (managers.length > 1 && well === need)
    return [warning('quorum', `${text}: the next loss is that of the swarm`)]
  return [{ subject: 'quorum', verdict: 'ok', seen: text }]
}

function disk({ asked }: Seen, expected: Expected): readonly Finding[] {
  const disks = asked.flatMap(({ name, node, look }) =>
    look.disks.map((each) => ({ ...each, name, pulls: isReady(node) && pulls(node, look, expected) })),
  )
  const bad = disks
    .filter(({ freeMb }) => freeMb < expected.diskFreeMb)
    .map(({ name, mount, freeMb, pulls }) => {
      const text = `${name}: ${freeMb} MB free in ${mount}, less than ${expected.diskFreeMb}`
      return pulls ? failed('disk', `${text}, and images are to be pulled`) : warning('disk', text)
    })
  const least = disks.toSorted((one, two) => one.freeMb - two.freeMb)[0]
  return orOk(
    'disk',
    bad,
    least === undefined ? 'nobody was asked' : `${least.freeMb} MB free at least (${least.name})`,
  )
}

function pulls(node: Node, look: NodeLook, expected: Expected): boolean {
  return servicesOn(node, expected).some(({ image }) => look.images.get(image)?.kind !== 'here')
}

function images({ asked }: Seen, expected: Expected): readonly Finding[] {
  const bad = asked.flatMap(({ name, node, look }) => {
    if (look.docker !== 'there' || !isReady(node)) return []
    const missing = new Map(
      servicesOn(node, expected).flatMap(({ image }): [string, string][] => {
        const seen = look.images.get(image) ?? { kind: 'missing', why: 'it was not asked' }
        return seen.kind === 'missing' ? [[image, seen.why]] : []
      }),
    )
    return [...missing].map(([image, why]) => failed('images', `${name} cannot have ${image}: ${why}`))
  })
  const seen = asked.flatMap(({ look }) => [...look.images.values()])
  const here = seen.filter(({ kind }) => kind === 'here').length
  return orOk('images', bad, `${here} are on their nodes, ${seen.length - here} can be pulled`)
}

function ports({ asked }: Seen, expected: Expected): readonly Finding[] {
  const wanted = asked.flatMap(({ name, node, look }) =>
    servicesOn(node, expected).flatMap((service) =>
      service.ports.map((port) => ({ name, look, port, service })),
    ),
  )
  const bad = wanted.flatMap(({ name, look, port, service }) => {
    const owner = look.published.find((each) => each.port === port)
    if (owner !== undefined)
      return owner.service === `${expected.stack}_${service.name}`
        ? []
        : [
            failed(
              'ports',
              `${name}: port ${port} is held by ${owner.service || `the container ${owner.name}`}`,
            ),
          ]
    const program = look.listening.find((each) => each.port === port)?.program
    // Docker's own, and no container is told of: one that starts or ends at this moment.
    return program === undefined || program === 'docker-proxy'
      ? []
      : [failed('ports', `${name}: port ${port} is held by ${program}`)]
  })
  return orOk('ports', bad, `${wanted.length} are free, or held by this stack`)
}

function ipvs({ asked }: Seen, { services }: Expected): readonly Finding[] {
  const virtual = services.filter((each) => each.virtual).map(({ name }) => name)
  if (virtual.length === 0)
    return [{ subject: 'ipvs', verdict: 'ok', seen: 'not needed: every service is dnsrr' }]
  const bad = asked
    .filter(({ look }) => look.docker === 'there' && !look.ipvs)
    .map(({ name }) =>
      failed(
        'ipvs',
        `${name}: its kernel has no IPVS, which ${virtual.join(', ')} would be reached by; dnsrr needs none`,
      ),
    )
  return orOk('ipvs', bad, `there, for ${virtual.join(', ')}`)
}

function encryption({ asked }: Seen, { encrypted }: Expected): readonly Finding[] {
  if (!encrypted) return []
  const bad = asked
    .filter(({ look }) => look.docker === 'there' && !look.esp)
    .map(({ name }) =>
      failed('encryption', `${name}: its kernel has no ESP, which encrypted networks are made of`),
    )
  return orOk('encryption', bad, 'every kernel has ESP')
}

/** A connection that IPVS has forgotten hangs on both sides: nothing says that it is gone. */
function idle({ services, keepalives }: Expected): readonly Finding[] {
  const late = keepalives.filter(({ seconds }) => seconds === 0 || seconds >= ipvsIdle)
  const bad = late.map(({ service, seconds }) => {
    const asks =
      seconds === 0 ? 'leaves idle connections to the kernel' : `asks idle connections after ${seconds} s`
    const virtual = services.some((each) => each.name === service && each.virtual)
    return virtual
      ? failed('idle', `${service} ${asks}, and IPVS forgets them after ${ipvsIdle} s`)
      : warning('idle', `${service} ${asks}: firewalls on the way may forget them sooner`)
  })
  const told = keepalives.map(({ service, seconds }) => `${service} asks after ${seconds} s`)
  return orOk('idle', bad, told.join(', ') || 'no server says')
}

function connections({ connections }: Expected): readonly Finding[] {
  if (connections === undefined) return []
  const { containers, each, most } = connections
  const text = `${containers} containers of the api with ${each} connections each`
  if (most === undefined)
    return [
      {
        subject: 'connections',
        verdict: 'ok',
        seen: `${text}: the database has to bear ${containers * each}`,
      },
    ]
  return containers * each > most
    ? [failed('connections', `${text} are more than the ${most} that PostgreSQL has for them`)]
    : [{ subject: 'connections', verdict: 'ok', seen: `${text}, of ${most}` }]
}

function clock({ asked }: Seen): readonly Finding[] {
  const sorted = asked.toSorted((one, two) => one.ahead - two.ahead)
  const [slowest, fastest] = [sorted[0], sorted.at(-1)]
  if (slowest === undefined || fastest === undefined) return []
  // What the way to a host took may be all that they differ by.
  const apart = Math.max(0, fastest.ahead - slowest.ahead - fastest.doubt - slowest.doubt)
  const text = `${fastest.name} is ${apart.toFixed(1)} s ahead of ${slowest.name}`
  if (apart >= skewFailed) return [failed('clock', text)]
  if (apart >= skewWarning) return [warning('clock', text)]
  return [{ subject: 'clock', verdict: 'ok', seen: `less than ${skewWarning} s apart` }]
}
