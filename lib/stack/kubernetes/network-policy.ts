import type { Words } from '../service-words.ts'
import type { Cluster } from './cluster.ts'
import { labelsOf } from './pod.ts'

/** Nothing is let through but DNS, what a service says that it uses, and the Ingress' controller to its routes. */
export function networkPolicies(cluster: Cluster): readonly Words[] {
  const { ingressNamespace, routes, services } = cluster
  const routed = new Set(routes.map(({ service }) => service))
  return [
    policy(cluster, 'default-deny', {}, { policyTypes: ['Ingress', 'Egress'] }),
    policy(cluster, 'dns', {}, { policyTypes: ['Egress'], egress: [dns] }),
    ...Object.entries(services).map(([name, { port, uses, world }]) => {
      const users = Object.keys(services).filter((each) => services[each]?.uses.includes(name))
      const sources = [
        ...users.map(podsOf),
        ...(routed.has(name) ? [{ namespaceSelector: namespaceCalled(ingressNamespace) }] : []),
      ]
      const egress = [
        ...uses.map((each) => ({ to: [podsOf(each)], ports: tcp(portOf(cluster, each)) })),
        ...(world ? [toWorld] : []),
      ]
      return policy(
        cluster,
        name,
        { matchLabels: { 'app.kubernetes.io/name': name } },
        {
          policyTypes: ['Ingress', 'Egress'],
          ...(port !== undefined && sources.length > 0 && { ingress: [{ from: sources, ports: tcp(port) }] }),
          ...(egress.length > 0 && { egress }),
        },
      )
    }),
  ]
}

export function policy(cluster: Cluster, name: string, podSelector: Words, rules: Words): Words {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, labels: labelsOf(name, cluster) },
    spec: { podSelector, ...rules },
  }
}

/** Throws a TypeError where nothing listens. */
function portOf({ services }: Cluster, name: string): number {
  const port = services[name]?.port
  if (port === undefined) throw new TypeError(`${name} is used, and listens nowhere`)
  return port
}

export const tcp = (port: number) => [{ protocol: 'TCP', port }]
const podsOf = (name: string) => ({ podSelector: { matchLabels: { 'app.kubernetes.io/name': name } } })
const namespaceCalled = (name: string) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } })

const dns = {
  to: [
    {
      namespaceSelector: namespaceCalled('kube-system'),
      podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    },
  ],
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
}

/** The internet, and neither the cluster, nor the network that it stands in, nor the cloud's own metadata. */
export const toWorld = {
  to: [
    {
      ipBlock: {
        cidr: '0.0.0.0/0',
        except: ['10.0.0.0/8', '100.64.0.0/10', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'],
      },
    },
  ],
  ports: tcp(443),
}
