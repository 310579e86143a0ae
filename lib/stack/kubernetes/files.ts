import { stringify } from 'yaml'
import type { ConfigFile, Service, Stack } from '../model.ts'
import type { Words } from '../service-words.ts'
import type { Cluster, Overlay } from './cluster.ts'
import { networkPolicies } from './network-policy.ts'
import { ingressObject, namespaceObject, serviceObjects } from './objects.ts'
import { plain } from './plain.ts'
import { labelsOf, type PodOf } from './pod.ts'
import { type Schedules, scheduleObjects } from './schedules.ts'

export interface Written {
  readonly stack: Stack
  readonly cluster: Cluster
  readonly overlays: readonly Overlay[]
  readonly schedules: Schedules
  /** the comment at the head of each file */
  readonly about: string
  /** the text of a config */
  textOf(config: ConfigFile): string
}

/** Every file below kubernetes/, by its path there. */
export function kubernetesFiles({
  about,
  cluster,
  overlays,
  schedules,
  stack,
  textOf,
}: Written): ReadonlyMap<string, string> {
  const services = [...stack.services, ...cluster.jobs].filter(({ name }) => cluster.services[name])
  const file = (objects: readonly Words[], more = '') =>
    `${comment(more ? `${more}\n${about}` : about)}${yaml(objects)}`
  const resources = new Map<string, string>([
    ['namespace.yaml', file([namespaceObject(cluster)])],
    ['network.yaml', file(networkPolicies(cluster), 'Who may reach whom: nobody, but for what stands here.')],
    ['ingress.yaml', file([ingressObject(cluster)])],
  ])
  for (const service of services) {
    const own = cluster.services[service.name] ?? { uses: [] }
    const pod = { service, own, cluster, configs: stack.configs, textOf }
    resources.set(`${service.name}.yaml`, file([...configMap(pod), ...serviceObjects(pod)], service.about))
  }
  const base = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    namespace: cluster.namespace,
    resources: [...resources.keys()],
  }
  return new Map([
    ['base/kustomization.yaml', file([base])],
    ...[...resources].map(([name, text]) => [`base/${name}`, text] as const),
    [
      'schedules/kustomization.yaml',
      file([
        {
          apiVersion: 'kustomize.config.k8s.io/v1alpha1',
          kind: 'Component',
          namespace: cluster.namespace,
          resources: ['schedules.yaml'],
          // As in the overlays: a release says which.
          images: ownImages(schedules.jobs.map(({ service }) => service)).map((name) => ({
            name,
            newTag: 'unset',
          })),
        },
      ]),
    ],
    ['schedules/schedules.yaml', file(scheduleObjects(schedules, cluster), schedules.about)],
    ...overlays.flatMap((overlay) => overlayFiles(overlay, { about, cluster, services })),
  ])
}

function configMap({ cluster, configs, service, textOf }: PodOf): readonly Words[] {
  const own = configs.filter(({ name }) => service.configs?.[name] !== undefined)
  if (own.length === 0) return []
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `${service.name}-configs`, labels: labelsOf(service.name, cluster) },
      data: Object.fromEntries(own.map((config) => [config.name, textOf(config)])),
    },
  ]
}

interface Of {
  readonly about: string
  readonly cluster: Cluster
  readonly services: readonly Service[]
}

function overlayFiles(overlay: Overlay, of: Of): readonly (readonly [string, string])[] {
  const { about, name, secretStore } = overlay
  const secrets = secretStore === undefined ? [] : [externalSecret(of, secretStore)]
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    namespace: of.cluster.namespace,
    resources: ['../../base', ...(secrets.length > 0 ? ['secrets.yaml'] : [])],
    images: ownImages(of.services).map((image) => ({
      name: image,
      newName: `${overlay.registry}/${image.split('/').pop()}`,
      // No default for which release runs: kustomize edit set image
      newTag: 'unset',
    })),
    patches: patches(overlay, of),
  }
  return [
    [`overlays/${name}/kustomization.yaml`, `${comment(`${about}\n${of.about}`)}${yaml([kustomization])}`],
    ...secrets.map(
      (secret) => [`overlays/${name}/secrets.yaml`, `${comment(of.about)}${yaml([secret])}`] as const,
    ),
  ]
}

/** Images that are a release's, without their tags. */
function ownImages(services: readonly Service[]): readonly string[] {
  const built = services.map(({ image }) => image).filter((image) => image.includes('RELEASE'))
  return [...new Set(built.map((image) => plain(image).replace(/:[^:/]*$/, '')))]
}

function patches(
  { host, memoryMi = {}, replicas = {}, single }: Overlay,
  { cluster, services }: Of,
): readonly Words[] {
  const patch = (words: Words): Words => ({ patch: stringify(words, { lineWidth: 0 }) })
  const named = (apiVersion: string, kind: string, name: string) => ({ apiVersion, kind, metadata: { name } })
  const container = (name: string, words: Words) => ({
    spec: { template: { spec: { containers: [{ name, ...words }] } } },
  })
  const scaled = Object.keys(cluster.services).filter((name) => cluster.services[name]?.replicas)
  return [
    {
      target: { kind: 'Ingress', name: cluster.namespace },
      patch: stringify([
        { op: 'replace', path: '/spec/rules/0/host', value: host },
        { op: 'replace', path: '/spec/tls/0/hosts/0', value: host },
      ]),
    },
    ...services
      .filter(({ name }) => cluster.services[name]?.environment?.PUBLIC_URL !== undefined)
      .map(({ name }) =>
        patch({
          ...named('apps/v1', 'Deployment', name),
          ...container(name, { env: [{ name: 'PUBLIC_URL', value: `https://${host}` }] }),
        }),
      ),
    ...Object.entries(memoryMi).map(([name, memory]) =>
      patch({
        ...named('apps/v1', cluster.services[name]?.storageGi ? 'StatefulSet' : 'Deployment', name),
        ...container(name, { resources: { limits: { memory: `${memory}Mi` } } }),
      }),
    ),
    ...scaled.flatMap((name) => {
      const autoscaler = named('autoscaling/v2', 'HorizontalPodAutoscaler', name)
      if (single)
        return [
          patch({ ...autoscaler, $patch: 'delete' }),
          patch({ ...named('policy/v1', 'PodDisruptionBudget', name), $patch: 'delete' }),
        ]
      const wanted = replicas[name]
      return wanted
        ? [patch({ ...autoscaler, spec: { minReplicas: wanted.min, maxReplicas: wanted.max } })]
        : []
    }),
  ]
}

/** The stack's secrets from a store that External Secrets reads: only their names are here. */
function externalSecret({ cluster, services }: Of, store: string): Words {
  const names = [...new Set(services.flatMap(({ secrets = [] }) => secrets))]
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name: cluster.secret, labels: labelsOf(cluster.namespace, cluster) },
    spec: {
      refreshInterval: '1h',
      secretStoreRef: { kind: 'ClusterSecretStore', name: store },
      target: { name: cluster.secret, creationPolicy: 'Owner' },
      data: names.map((name) => ({
        secretKey: name,
        remoteRef: { key: `${cluster.namespace}/${name}` },
      })),
    },
  }
}

function yaml(objects: readonly Words[]): string {
  return objects
    .map((each) => stringify(each, { lineWidth: 0, aliasDuplicateObjects: false, version: '1.1' }))
    .join('---\n')
}

function comment(text: string): string {
  return text
    .split('\n')
    .map((line) => `#${line === '' ? '' : ` ${line}`}\n`)
    .join('')
}
