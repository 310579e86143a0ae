import { BlockList } from 'node:net'
import type { Manifest } from './manifest.ts'

/** Who sends or takes traffic: a pod by its labels and its namespace, or an address outside of the cluster. */
export type End =
  | { readonly namespace: string; readonly labels: Readonly<Record<string, string>> }
  | { readonly address: string }

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>
}
interface Peer {
  readonly podSelector?: Selector
  readonly namespaceSelector?: Selector
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] }
}
interface Rule {
  readonly from?: readonly Peer[]
  readonly to?: readonly Peer[]
  readonly ports?: readonly { readonly protocol?: string; readonly port?: number }[]
}
interface Policy {
  readonly podSelector: Selector
  readonly policyTypes?: readonly string[]
  readonly ingress?: readonly Rule[]
  readonly egress?: readonly Rule[]
}

/**
 * What a cluster makes of network policies, by the API's own words: a pod that no policy of a way selects is open that way; one
 * that is selected is open to what any of those policies lets through; both ends must agree. For policies of one namespace, with
 * matchLabels and numbered ports alone, which is what ours have: anything else is an error.
 */
export function reaches(
  all: readonly Manifest[],
  namespace: string,
  from: End,
  to: End,
  port: { readonly number: number; readonly protocol?: 'TCP' | 'UDP' },
): boolean {
  const policies = all.filter(({ kind }) => kind === 'NetworkPolicy').map(({ spec }) => spec as Policy)
  for (const policy of policies) demandKnown(policy)
  const open = (pod: End, other: End, way: 'Ingress' | 'Egress') => {
    if ('address' in pod || pod.namespace !== namespace) return true
    const selecting = policies.filter(
      ({ podSelector, policyTypes }) => policyTypes?.includes(way) && matches(podSelector, pod.labels),
    )
    if (selecting.length === 0) return true
    const rules = selecting.flatMap(({ ingress = [], egress = [] }) => (way === 'Ingress' ? ingress : egress))
    return rules.some((rule) => admits(rule, way === 'Ingress' ? rule.from : rule.to, other, namespace, port))
  }
  return open(from, to, 'Egress') && open(to, from, 'Ingress')
}

function admits(
  { ports }: Rule,
  peers: readonly Peer[] | undefined,
  other: End,
  namespace: string,
  { number, protocol = 'TCP' }: { readonly number: number; readonly protocol?: 'TCP' | 'UDP' },
): boolean {
  const by = ports?.some((each) => each.port === number && (each.protocol ?? 'TCP') === protocol) ?? true
  return by && (peers?.some((peer) => is(peer, other, namespace)) ?? true)
}

function is({ ipBlock, podSelector, namespaceSelector }: Peer, other: End, namespace: string): boolean {
  if ('address' in other) {
    if (ipBlock === undefined) return false
    return within([ipBlock.cidr], other.address) && !within(ipBlock.except ?? [], other.address)
  }
  if (ipBlock !== undefined) return false
  const there =
    namespaceSelector === undefined
      ? other.namespace === namespace
      : matches(namespaceSelector, { 'kubernetes.io/metadata.name': other.namespace })
  return there && (podSelector === undefined || matches(podSelector, other.labels))
}

function matches({ matchLabels = {} }: Selector, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(matchLabels).every(([key, value]) => labels[key] === value)
}

function within(cidrs: readonly string[], address: string): boolean {
  const list = new BlockList()
  for (const cidr of cidrs) {
    const [net = '', bits] = cidr.split('/')
    list.addSubnet(net, Number(bits))
  }
  return list.check(address)
}

function demandKnown({ podSelector, ingress = [], egress = [] }: Policy): void {
  const rules = [...ingress, ...egress]
  const peers = rules.flatMap(({ from = [], to = [] }) => [...from, ...to])
  const selectors = [podSelector, ...peers.flatMap((each) => [each.podSelector, each.namespaceSelector])]
  const odd = [
    ...selectors.filter(
      (each) => each !== undefined && Object.keys(each).some((key) => key !== 'matchLabels'),
    ),
    ...rules.flatMap(({ ports = [] }) =>
      ports.filter((each) => typeof each.port !== 'number' || 'endPort' in each),
    ),
  ]
  if (odd.length > 0) throw new Error(`not understood: ${JSON.stringify(odd)}`)
}
