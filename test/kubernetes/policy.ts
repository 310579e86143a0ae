import { type Manifest, nameOf } from './manifest.ts'

interface Labels {
  readonly matchLabels?: Readonly<Record<string, string>>
}

interface Container {
  readonly name: string
  readonly image: string
  readonly env?: readonly { readonly name: string; readonly value?: string }[]
  readonly securityContext?: {
    readonly allowPrivilegeEscalation?: boolean
    readonly readOnlyRootFilesystem?: boolean
    readonly privileged?: boolean
    readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] }
  }
  readonly resources?: Readonly<Record<'requests' | 'limits', Readonly<Record<string, string>> | undefined>>
  readonly readinessProbe?: unknown
  readonly livenessProbe?: unknown
  readonly startupProbe?: unknown
}

/** The template of what runs pods, or undefined. */
export function podOf(manifest: Manifest) {
  const template = manifest.spec?.template ?? manifest.spec?.jobTemplate?.spec?.template
  return template?.spec?.containers ? template : undefined
}

/** What a set of manifests lets happen that must not: each as "Deployment/api: …". */
export function policyFaults(all: readonly Manifest[]): readonly string[] {
  return [
    ...all.flatMap((each) => (podOf(each) ? podFaults(each).map((what) => `${nameOf(each)}: ${what}`) : [])),
    ...all.flatMap((each) =>
      (podOf(each) ? uncovered(each, all) : []).map((what) => `${nameOf(each)}: ${what}`),
    ),
    ...all.filter(isOpen).map((each) => `${nameOf(each)}: is open to the world`),
    ...all
      .filter(({ kind }) => kind === 'Secret')
      .map((each) => `${nameOf(each)}: is a secret in plain text`),
    ...all
      .filter(({ kind, spec }) => kind === 'Ingress' && !(spec.tls?.length > 0))
      .map((each) => `${nameOf(each)}: has no TLS`),
    ...all
      .filter(({ kind, spec }) => kind === 'Service' && ['NodePort', 'LoadBalancer'].includes(spec.type))
      .map((each) => `${nameOf(each)}: is reached by another way than the Ingress`),
    ...all
      .filter(
        ({ kind, metadata }) =>
          kind === 'Namespace' && metadata.labels?.['pod-security.kubernetes.io/enforce'] !== 'restricted',
      )
      .map((each) => `${nameOf(each)}: admits pods that are not restricted`),
  ]
}

function podFaults(manifest: Manifest): readonly string[] {
  const { spec } = podOf(manifest)
  const once = manifest.kind === 'Job' || manifest.kind === 'CronJob'
  const context = spec.securityContext ?? {}
  return [
    ...(context.runAsNonRoot === true && context.runAsUser > 0 ? [] : ['may run as root']),
    ...(context.seccompProfile?.type === 'RuntimeDefault' ? [] : ['has no seccomp profile']),
    ...(spec.automountServiceAccountToken === false ? [] : ["has a key to the cluster's API"]),
    ...(spec.hostNetwork || spec.hostPID || spec.hostIPC ? ["shares the node's namespaces"] : []),
    ...((spec.volumes ?? []) as { hostPath?: unknown }[]).flatMap(({ hostPath }) =>
      hostPath ? ['mounts a path of the node'] : [],
    ),
    ...(spec.containers as Container[]).flatMap((container) => [
      ...containerFaults(container),
      ...(once || (container.readinessProbe && container.livenessProbe && container.startupProbe)
        ? []
        : ['has not all three probes']),
    ]),
  ]
}

function containerFaults({
  env = [],
  image,
  resources,
  securityContext: context = {},
}: Container): readonly string[] {
  const { limits, requests } = resources ?? {}
  return [
    ...(context.allowPrivilegeEscalation === false && !context.privileged ? [] : ['may gain rights']),
    ...(context.readOnlyRootFilesystem === true ? [] : ['may write its own files']),
    ...(context.capabilities?.drop?.includes('ALL') && !context.capabilities.add ? [] : ['has capabilities']),
    ...(limits?.memory && limits.cpu && requests?.memory && requests.cpu ? [] : ['has no limits']),
    ...(/:(?!latest$)[\w.-]+$|@sha256:/.test(image) ? [] : [`has an image without a version: ${image}`]),
    ...env
      .filter(
        ({ name, value }) =>
          /PASSWORD|SECRET|TOKEN|_KEY$/.test(name.replace(/.*_FILE$/, '')) && value !== undefined,
      )
      .map(({ name }) => `has a secret in its environment: ${name}`),
  ]
}

/** Whether all traffic of a pod is refused but for what a policy lets through. */
function uncovered(manifest: Manifest, all: readonly Manifest[]): readonly string[] {
  const labels = podOf(manifest).metadata?.labels ?? {}
  const policies = all.filter(
    ({ kind, spec }) => kind === 'NetworkPolicy' && selects(spec.podSelector, labels),
  )
  return ['Ingress', 'Egress']
    .filter((way) => !policies.some(({ spec }) => spec.policyTypes?.includes(way)))
    .map((way) => `no network policy speaks of its ${way}`)
}

function selects({ matchLabels = {} }: Labels, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(matchLabels).every(([key, value]) => labels[key] === value)
}

/** A policy with a rule that names nobody, or all addresses and not the private ones aside. */
function isOpen({ kind, spec }: Manifest): boolean {
  if (kind !== 'NetworkPolicy') return false
  type Rule = { from?: Peer[]; to?: Peer[]; ports?: unknown[] }
  type Peer = { ipBlock?: { cidr: string; except?: string[] } }
  const rules = [...(spec.ingress ?? []), ...(spec.egress ?? [])] as Rule[]
  return rules.some(({ from, ports, to }) => {
    const peers = from ?? to ?? []
    const world = peers.filter(({ ipBlock }) => /\/0$/.test(ipBlock?.cidr ?? ''))
    return (
      peers.length === 0 ||
      !ports?.length ||
      (from ? world.length > 0 : world.some(({ ipBlock }) => !ipBlock?.except))
    )
  })
}
