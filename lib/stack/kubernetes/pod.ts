import { createHash } from 'node:crypto'
import type { ConfigFile, Health, Mount, Service } from '../model.ts'
import type { Words } from '../service-words.ts'
import type { Cluster, ClusterService } from './cluster.ts'
import { plain } from './plain.ts'

export interface PodOf {
  readonly service: Service
  readonly own: ClusterService
  readonly cluster: Cluster
  readonly configs: readonly ConfigFile[]
  /** volumes are claims of their names, as a StatefulSet's own are not */
  readonly claims?: boolean
  /** the text of a config, by its name */
  textOf(config: ConfigFile): string
}

/** Until the endpoint's removal has reached every node, requests still come: what ends waits for it. */
const leaveSeconds = 5

/** A pod's template. Hardening is no setting: nothing runs with more than it was given here. */
export function podTemplate(pod: PodOf): Words {
  const { cluster, own, service } = pod
  const [user, group] = service.user.split(':').map(Number)
  const once = service.health === 'none'
  return {
    metadata: {
      labels: labelsOf(service.name, cluster),
      ...(service.configs && { annotations: { [`${cluster.namespace}/configs`]: digestOf(pod) } }),
    },
    spec: {
      automountServiceAccountToken: false,
      // Its variables would be REDIS_PORT=tcp://…, which the api takes for its own.
      enableServiceLinks: false,
      ...(once && { restartPolicy: 'OnFailure' }),
      terminationGracePeriodSeconds: service.stop.graceSeconds + (once ? 0 : leaveSeconds),
      securityContext: {
        runAsNonRoot: true,
        runAsUser: user,
        runAsGroup: group,
        fsGroup: group,
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
      ...(own.replicas && { topologySpreadConstraints: spread(service.name) }),
      containers: [container(pod, once)],
      volumes: volumes(service, cluster, pod.claims === true),
    },
  }
}

export function labelsOf(name: string, { namespace }: Cluster): Readonly<Record<string, string>> {
  return { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': namespace }
}

function container({ own, service }: PodOf, once: boolean): Words {
  const { command, entrypoint, environment, health, resources } = service
  const env = { ...environment, ...own.environment }
  return {
    name: service.name,
    image: plain(service.image),
    ...(entrypoint && { command: [...entrypoint] }),
    ...(command && { args: [...command] }),
    ...(Object.keys(env).length > 0 && {
      env: Object.entries(env).map(([name, value]) => ({ name, value: plain(value) })),
    }),
    ...(own.port !== undefined && { ports: [{ name: 'main', containerPort: own.port }] }),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    resources: {
      requests: { cpu: '100m', memory: `${resources.reservedMb}Mi` },
      limits: { cpu: plain(resources.cpus), memory: `${plain(String(resources.memoryMb))}Mi` },
    },
    ...(health !== 'none' && probes(health)),
    ...(!once && { lifecycle: { preStop: { exec: { command: ['sleep', String(leaveSeconds)] } } } }),
    volumeMounts: mounts(service),
  }
}

/** Ready as soon as it is healthy; killed only after it was not for long, since a restart cures no busy machine. */
function probes({ command, intervalSeconds, retries, startPeriodSeconds, timeoutSeconds }: Health): Words {
  const check = { exec: { command: [...command] }, timeoutSeconds }
  return {
    startupProbe: {
      ...check,
      periodSeconds: intervalSeconds,
      failureThreshold: Math.ceil(startPeriodSeconds / intervalSeconds) + retries,
    },
    readinessProbe: { ...check, periodSeconds: intervalSeconds, failureThreshold: retries },
    livenessProbe: { ...check, periodSeconds: 10, failureThreshold: 6 },
  }
}

/** Over zones and nodes, where there are some. */
function spread(name: string): readonly Words[] {
  return ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: { 'app.kubernetes.io/name': name } },
  }))
}

function mounts({ configs = {}, mounts = [], secrets = [] }: Service): readonly Words[] {
  return [
    ...(secrets.length > 0 ? [{ name: 'secrets', mountPath: '/run/secrets', readOnly: true }] : []),
    // One file each, since what else is in their folders is the image's.
    ...Object.entries(configs).map(([name, mountPath]) => ({
      name: 'configs',
      mountPath,
      subPath: name,
      readOnly: true,
    })),
    ...mounts.map((mount) => ({ name: volumeName(mount), mountPath: mount.target })),
  ]
}

function volumes(
  { configs = {}, mounts = [], name, secrets = [] }: Service,
  cluster: Cluster,
  claims: boolean,
): readonly Words[] {
  return [
    ...(secrets.length > 0
      ? [
          {
            name: 'secrets',
            secret: {
              secretName: cluster.secret,
              defaultMode: 0o440,
              items: secrets.map((key) => ({ key, path: key })),
            },
          },
        ]
      : []),
    ...(Object.keys(configs).length > 0
      ? [{ name: 'configs', configMap: { name: `${name}-configs`, defaultMode: 0o444 } }]
      : []),
    ...mounts.flatMap((mount): readonly Words[] =>
      mount.type === 'tmpfs'
        ? [{ name: volumeName(mount), emptyDir: { medium: 'Memory', sizeLimit: `${mount.sizeMb}Mi` } }]
        : claims
          ? [{ name: volumeName(mount), persistentVolumeClaim: { claimName: volumeName(mount) } }]
          : [],
    ),
  ]
}

/** A volume's own; of a folder in memory, its path. Throws a TypeError for what is of one machine. */
function volumeName(mount: Mount): string {
  if (mount.type === 'bind') throw new TypeError(`${mount.source} is a path of one machine`)
  return mount.type === 'volume' ? mount.source : `memory${mount.target.replaceAll('/', '-')}`
}

/** Changes with the content of the pod's configs: a pod that has old ones is replaced. */
function digestOf({ configs, service, textOf }: PodOf): string {
  const own = configs.filter(({ name }) => service.configs?.[name] !== undefined)
  return createHash('sha256').update(own.map(textOf).join('\0')).digest('hex').slice(0, 16)
}
