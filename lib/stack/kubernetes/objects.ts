import type { Service } from '../model.ts'
import type { Words } from '../service-words.ts'
import type { Cluster } from './cluster.ts'
import { labelsOf, type PodOf, podTemplate } from './pod.ts'

/** All that one service is: what runs it, what it is called by, how it grows, what keeps it while nodes are drained. */
export function serviceObjects(pod: PodOf): readonly Words[] {
  const { own, service } = pod
  if (service.health === 'none') return [job(pod)]
  const stateful = own.storageGi !== undefined
  return [
    stateful ? statefulSet(pod) : deployment(pod),
    ...(own.port === undefined ? [] : [clusterService(pod, own.port, stateful)]),
    ...(own.replicas ? [autoscaler(pod, own.replicas), budget(pod)] : []),
  ]
}

const head = (apiVersion: string, kind: string, { cluster, service: { name } }: PodOf): Words => ({
  apiVersion,
  kind,
  metadata: { name, labels: labelsOf(name, cluster) },
})

const selector = ({ name }: Service) => ({ matchLabels: { 'app.kubernetes.io/name': name } })

/** How many there are is the autoscaler's to say: one that stood here would be set back by every apply. */
function deployment(pod: PodOf): Words {
  return {
    ...head('apps/v1', 'Deployment', pod),
    spec: {
      selector: selector(pod.service),
      revisionHistoryLimit: 5,
      progressDeadlineSeconds: 300,
      // Never fewer than there were.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: podTemplate(pod),
    },
  }
}

/** One, with its volumes, which stay when it goes. */
function statefulSet(pod: PodOf): Words {
  const { own, service } = pod
  const claims = (service.mounts ?? []).flatMap((mount) => (mount.type === 'volume' ? [mount.source] : []))
  return {
    ...head('apps/v1', 'StatefulSet', pod),
    spec: {
      selector: selector(service),
      serviceName: service.name,
      replicas: 1,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      template: podTemplate(pod),
      volumeClaimTemplates: claims.map((name) => ({
        metadata: { name },
        spec: {
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage: `${own.storageGi}Gi` } },
        },
      })),
    },
  }
}

/** What stays what it is: for the next release it is deleted first. */
function job(pod: PodOf): Words {
  return {
    ...head('batch/v1', 'Job', pod),
    spec: { backoffLimit: 4, activeDeadlineSeconds: 900, template: podTemplate(pod) },
  }
}

/** Of what keeps data the address is the pod's own: there is but one. */
function clusterService(pod: PodOf, port: number, headless: boolean): Words {
  return {
    ...head('v1', 'Service', pod),
    spec: {
      ...(headless && { clusterIP: 'None' }),
      selector: selector(pod.service).matchLabels,
      ports: [{ name: 'main', port, targetPort: 'main' }],
    },
  }
}

function autoscaler(pod: PodOf, { max, min }: { min: number; max: number }): Words {
  return {
    ...head('autoscaling/v2', 'HorizontalPodAutoscaler', pod),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: pod.service.name },
      minReplicas: min,
      maxReplicas: max,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '700m' } },
        },
      ],
    },
  }
}

function budget(pod: PodOf): Words {
  return {
    ...head('policy/v1', 'PodDisruptionBudget', pod),
    spec: { maxUnavailable: 1, selector: selector(pod.service) },
  }
}

export function namespaceObject({ namespace }: Cluster): Words {
  const level = { enforce: 'restricted', audit: 'restricted', warn: 'restricted' }
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: namespace,
      labels: Object.fromEntries(
        Object.entries(level).map(([mode, value]) => [`pod-security.kubernetes.io/${mode}`, value]),
      ),
    },
  }
}

export function ingressObject(cluster: Cluster): Words {
  const { annotations, host, namespace, routes, services } = cluster
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: namespace, labels: labelsOf(namespace, cluster), annotations },
    spec: {
      ingressClassName: 'nginx',
      tls: [{ hosts: [host], secretName: `${namespace}-tls` }],
      rules: [
        {
          host,
          http: {
            paths: routes
              .filter(({ service }) => services[service]?.port !== undefined)
              .map(({ path, service }) => ({
                path,
                pathType: 'Prefix',
                backend: { service: { name: service, port: { name: 'main' } } },
              })),
          },
        },
      ],
    },
  }
}
