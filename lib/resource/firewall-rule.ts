import { matching, oneLine, whole } from './argument.ts'
import { type Network, readNetwork, withoutOverlaps } from './ip-network.ts'

/** Who may, or may not, speak to which ports. */
export interface FirewallRule {
  /** TCP ports: 443, or a range as "8000-8010" */
  readonly tcp?: readonly (number | string)[] | undefined
  /** UDP ports */
  readonly udp?: readonly (number | string)[] | undefined
  /** what goes by IP without ports */
  readonly protocols?: readonly IpProtocol[] | undefined
  /** addresses and networks, IPv4 and IPv6, and "@name" for a set; anyone where there is no `from` */
  readonly from?: readonly string[] | undefined
  /** shown beside the rule by `nft list` */
  readonly comment?: string | undefined
}

/** By their numbers, which a host without /etc/protocols knows, too. */
const ipProtocols = { gre: 47, esp: 50, ah: 51, vrrp: 112 } as const
export type IpProtocol = keyof typeof ipProtocols

export type PortRange = readonly [first: number, last: number]

/** A rule that was checked, for one protocol. */
export interface CheckedRule {
  /** ip: no ports; `ports` are numbers of protocols */
  readonly protocol: 'tcp' | 'udp' | 'ip'
  readonly ports: readonly PortRange[]
  /** undefined: anyone */
  readonly from: { readonly networks: readonly Network[]; readonly sets: readonly string[] } | undefined
  readonly comment: string | undefined
}

export type CheckedSets = ReadonlyMap<string, readonly Network[]>

/** Sets of addresses by name. Throws a TypeError for a name or an address that is none. */
export function checkedSets(sets: Readonly<Record<string, readonly string[]>>): CheckedSets {
  return new Map(
    Object.entries(sets).map(([name, members]) => {
      matching(name, /^[a-z][a-z0-9_]{0,29}$/, 'name of a set')
      const networks = members.map((each) => readNetwork(each, `set ${name}: address`))
      const everyone = networks.find(({ prefix }) => prefix === 0)
      if (everyone !== undefined)
        throw new TypeError(`set ${name} is everyone: leave \`from\` out of the rule instead`)
      return [name, withoutOverlaps(networks)]
    }),
  )
}

/** A rule's parts by protocol. Throws a TypeError that names what is wrong, and in which rule. */
export function checkedRule(rule: FirewallRule, sets: CheckedSets, what: string): readonly CheckedRule[] {
  const { tcp, udp, protocols, from, comment } = rule
  if (tcp === undefined && udp === undefined && protocols === undefined)
    throw new TypeError(`${what} names no port: give it tcp or udp`)
  if (comment !== undefined) {
    matching(oneLine(comment, `${what}: comment`), /^[^"\\]+$/, `${what}: comment`)
    // The kernel keeps 128 bytes, the NUL at the end among them.
    whole(Buffer.byteLength(comment), 1, 127, `${what}: length of the comment`)
  }
  const shared = { from: from === undefined ? undefined : checkedFrom(from, sets, what), comment }
  return [
    ...(tcp === undefined ? [] : [{ protocol: 'tcp' as const, ports: checkedPorts(tcp, what), ...shared }]),
    ...(udp === undefined ? [] : [{ protocol: 'udp' as const, ports: checkedPorts(udp, what), ...shared }]),
    ...(protocols === undefined
      ? []
      : [
          {
            protocol: 'ip' as const,
            ports: joined(protocols.map((name) => numbered(name, what))),
            ...shared,
          },
        ]),
  ]
}

function checkedFrom(
  from: readonly string[],
  sets: CheckedSets,
  what: string,
): NonNullable<CheckedRule['from']> {
  // A list that came out empty is no one, and a rule for no one is a mistake; it must never mean anyone.
  if (from.length === 0) throw new TypeError(`${what}: from is empty: leave it out for anyone`)
  const names = from.filter((each) => each.startsWith('@')).map((each) => each.slice(1))
  const unknown = names.find((name) => !sets.has(name))
  if (unknown !== undefined) throw new TypeError(`${what}: there is no set ${JSON.stringify(unknown)}`)
  const networks = from
    .filter((each) => !each.startsWith('@'))
    .map((each) => readNetwork(each, `${what}: from`))
  return { networks: withoutOverlaps(networks), sets: [...new Set(names)].sort() }
}

function numbered(name: string, what: string): PortRange {
  if (!Object.hasOwn(ipProtocols, name))
    throw new TypeError(
      `${what}: a protocol is one of ${Object.keys(ipProtocols).join(', ')}: ${JSON.stringify(name)}`,
    )
  const number = ipProtocols[name as IpProtocol]
  return [number, number]
}

function checkedPorts(ports: readonly (number | string)[], what: string): readonly PortRange[] {
  if (ports.length === 0) throw new TypeError(`${what}: a list of ports is empty`)
  return joined(ports.map((port) => checkedPort(port, what)))
}

function checkedPort(port: number | string, what: string): PortRange {
  const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(String(port)) ?? []
  if (first === undefined)
    throw new TypeError(`${what}: a port is a number or a range like "8000-8010": ${JSON.stringify(port)}`)
  const range: PortRange = [
    whole(Number(first), 1, 65_535, `${what}: port`),
    whole(Number(last ?? first), 1, 65_535, `${what}: port`),
  ]
  if (range[0] > range[1])
    throw new TypeError(`${what}: a range of ports goes upwards: ${JSON.stringify(port)}`)
  return range
}

/** In order, and those that touch or overlap made one. */
function joined(ranges: readonly PortRange[]): readonly PortRange[] {
  const all: PortRange[] = []
  for (const range of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = all.at(-1)
    if (last === undefined || range[0] > last[1] + 1) all.push(range)
    else all[all.length - 1] = [last[0], Math.max(last[1], range[1])]
  }
  return all
}
