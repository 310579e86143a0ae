import type { Service } from '../model.ts'

/** Where a stack runs in Kubernetes: what its services are there besides what they are everywhere. */
export interface Cluster {
  /** its namespace, and what its objects are part of */
  readonly namespace: string
  /** the name that browsers know, until an overlay says another; its certificate is the Secret NAMESPACE-tls */
  readonly host: string
  readonly services: Readonly<Record<string, ClusterService>>
  /** services that run once, as Jobs */
  readonly jobs: readonly Service[]
  /** paths of the Ingress, the longest first */
  readonly routes: readonly { readonly path: string; readonly service: string }[]
  /** of the Ingress: its controller's own words */
  readonly annotations: Readonly<Record<string, string>>
  /** the namespace of the Ingress' controller, the only one that the routes' services are reached from */
  readonly ingressNamespace: string
  /** the Secret that holds the stack's secrets, a key each; nothing here makes it */
  readonly secret: string
}

export interface ClusterService {
  /** where it listens; none for what nobody calls */
  readonly port?: number
  /** services that it calls: nothing else is let through */
  readonly uses: readonly string[]
  /** calls the world by https */
  readonly world?: boolean
  /** how many there are at least and at most; one, where it keeps data */
  readonly replicas?: { readonly min: number; readonly max: number }
  /** of each volume, in GiB */
  readonly storageGi?: number
  /** over the service's own */
  readonly environment?: Readonly<Record<string, string>>
}

/** A place that the base is brought to: what differs there. */
export interface Overlay {
  readonly name: string
  readonly about: string
  /** the name that browsers know */
  readonly host: string
  /** what stands before the images' names in their registry */
  readonly registry: string
  /** one of each, and no autoscaling, where it is nothing to lose */
  readonly single?: boolean
  readonly replicas?: Readonly<Record<string, { readonly min: number; readonly max: number }>>
  readonly memoryMi?: Readonly<Record<string, number>>
  /** a store of External Secrets that the secrets come from; without one they are made by hand */
  readonly secretStore?: string
}
