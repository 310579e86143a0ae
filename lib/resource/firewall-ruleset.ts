import {
  type CheckedRule,
  type CheckedSets,
  checkedRule,
  checkedSets,
  type FirewallRule,
  type PortRange,
} from './firewall-rule.ts'
import { type Network, networkText } from './ip-network.ts'
import { managedNote } from './template.ts'

/** The table that is ours; no other is ever touched. */
export const table = 'inet quayside'

/** What a firewall is to do, as it is written. */
export interface FirewallRules {
  /** what becomes of that which no rule names: dropped unless told */
  readonly policy?: 'drop' | 'accept' | undefined
  readonly allow?: readonly FirewallRule[] | undefined
  /** looked at before `allow`; for exceptions, or with the policy accept */
  readonly deny?: readonly FirewallRule[] | undefined
  /**
   * who may reach the ports that containers publish (the host's number of the port); everything else that would be
   * forwarded to a container from outside is dropped then. Not filtered where it is left out.
   */
  readonly published?: readonly FirewallRule[] | undefined
  /** addresses and networks by a name, for `from: ['@name']` */
  readonly sets?: Readonly<Record<string, readonly string[]>> | undefined
}

/** The same, checked. */
export interface Ruleset {
  readonly policy: 'drop' | 'accept'
  readonly allow: readonly CheckedRule[]
  readonly deny: readonly CheckedRule[]
  readonly published: readonly CheckedRule[] | undefined
  readonly sets: CheckedSets
}

/** Throws a TypeError for what no firewall could be: a port 70000, a network 10.0.0.1/8, a set that is not there. */
export function checkedRules({
  policy = 'drop',
  allow = [],
  deny = [],
  published,
  sets = {},
}: FirewallRules): Ruleset {
  if (policy !== 'drop' && policy !== 'accept')
    throw new TypeError(`policy must be drop or accept: ${JSON.stringify(policy)}`)
  if (published?.some(({ protocols }) => protocols !== undefined))
    throw new TypeError('published: containers publish ports, and protocols have none')
  const named = checkedSets(sets)
  const all = (rules: readonly FirewallRule[], list: string) =>
    rules.flatMap((rule, at) => checkedRule(rule, named, `${list}[${at}]`))
  return {
    policy,
    allow: all(allow, 'allow'),
    deny: all(deny, 'deny'),
    published: published === undefined ? undefined : all(published, 'published'),
    sets: named,
  }
}

/** A file for `nft -f` that puts this table in the place of the one that is there, in one transaction. */
export function replacing(tableText: string): string {
  return `#!/usr/sbin/nft -f
# ${managedNote}

# Made if it is not there, so that it can be deleted.
table ${table}
delete table ${table}

${tableText}`
}

/** The table as nft reads it. */
export function tableText({ policy, allow, deny, published, sets }: Ruleset): string {
  const filtered = published === undefined ? [] : [forward, publishedChain(published)]
  const input = chain('input', [
    `type filter hook input priority filter; policy ${policy};`,
    'ct state established,related accept',
    'ct state invalid drop',
    'iif "lo" accept',
    'meta l4proto { icmp, ipv6-icmp } accept',
    'ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept comment "DHCPv6"',
    ...deny.flatMap((rule) => ruleLines(rule, 'drop')),
    ...allow.flatMap((rule) => ruleLines(rule, 'accept')),
  ])
  const blocks = [...[...sets].flatMap(([name, members]) => setBlocks(name, members)), input, ...filtered]
  return `table ${table} {\n${blocks.join('\n\n')}\n}\n`
}

/** Only what DNAT sent this way, as Docker does for a published port: what containers send out, and routing, stay. */
const forward = chain('forward', [
  'type filter hook forward priority filter; policy accept;',
  'ct state established,related accept',
  'ct status dnat jump published',
])

function publishedChain(rules: readonly CheckedRule[]): string {
  return chain('published', [...rules.flatMap(publishedLines), 'drop'])
}

/** A line for each kind of source: nft tells IPv4, IPv6 and each set apart. */
function ruleLines(rule: CheckedRule, verdict: 'accept' | 'drop'): readonly string[] {
  const numbers = listed(rule.ports.map(rangeText))
  const port = rule.protocol === 'ip' ? `meta l4proto ${numbers}` : `${rule.protocol} dport ${numbers}`
  return sourcesOf(rule.from).map((source) => `${source}${port} ${verdict}${note(rule)}`)
}

/**
 * DNAT has changed the port by now; the connection still knows the one that was asked for. A line for each range, since
 * nft 1.0.6 lists a set of these as something that it cannot read itself.
 */
function publishedLines(rule: CheckedRule): readonly string[] {
  return sourcesOf(rule.from).flatMap((source) =>
    rule.ports.map(
      (range) =>
        `${source}meta l4proto ${rule.protocol} ct original proto-dst ${rangeText(range)} accept${note(rule)}`,
    ),
  )
}

function rangeText([first, last]: PortRange): string {
  return first === last ? String(first) : `${first}-${last}`
}

function note({ comment }: CheckedRule): string {
  return comment === undefined ? '' : ` comment "${comment}"`
}

function sourcesOf(from: CheckedRule['from']): readonly string[] {
  if (from === undefined) return ['']
  const families = ([4, 6] as const).flatMap((family) => {
    const mine = from.networks.filter((network) => network.family === family)
    if (mine.length === 0) return []
    if (mine.some(({ prefix }) => prefix === 0)) return [`meta nfproto ipv${family} `]
    return [`${saddr(family)} ${listed(mine.map(networkText))} `]
  })
  const sets = from.sets.flatMap((name) => [`ip saddr @${name}4 `, `ip6 saddr @${name}6 `])
  return [...families, ...sets]
}

function setBlocks(name: string, members: readonly Network[]): readonly string[] {
  return ([4, 6] as const).map((family) => {
    const mine = members.filter((network) => network.family === family)
    return block(`set ${name}${family}`, [
      `type ipv${family}_addr`,
      'flags interval',
      ...(mine.length === 0 ? [] : [`elements = { ${mine.map(networkText).join(', ')} }`]),
    ])
  })
}

function saddr(family: 4 | 6): string {
  return family === 4 ? 'ip saddr' : 'ip6 saddr'
}

function listed(words: readonly string[]): string {
  return words.length === 1 ? (words[0] ?? '') : `{ ${words.join(', ')} }`
}

function chain(name: string, lines: readonly string[]): string {
  return block(`chain ${name}`, lines)
}

function block(head: string, lines: readonly string[]): string {
  return `\t${head} {\n${lines.map((line) => `\t\t${line}\n`).join('')}\t}`
}
