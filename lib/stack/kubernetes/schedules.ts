import type { Service } from '../model.ts'
import type { Words } from '../service-words.ts'
import type { Cluster } from './cluster.ts'
import { policy, tcp, toWorld } from './network-policy.ts'
import { labelsOf, podTemplate } from './pod.ts'

/** What runs at its times, ends, and works on hosts: a part of its own, for whoever has some beside the cluster. */
export interface Schedules {
  readonly about: string
  readonly jobs: readonly Scheduled[]
  /** the Secret that holds their keys; nothing here makes it */
  readonly secret: string
  /** networks that the hosts are in, as CIDR: SSH is let through to these */
  readonly hosts: readonly string[]
  /** the claim that they share, and how large it is, in GiB */
  readonly state: { readonly claim: string; readonly sizeGi: number }
}

export interface Scheduled {
  readonly service: Service
  /** as cron has it, in UTC: "17 2 * * *" */
  readonly at: string
  /** after so long it is ended */
  readonly mostSeconds: number
}

/** The objects of all of them: what they keep, when they run, and whom they reach. */
export function scheduleObjects(schedules: Schedules, cluster: Cluster): readonly Words[] {
  return [
    claim(schedules, cluster),
    ...schedules.jobs.map((each) => cronJob(each, schedules, cluster)),
    ...schedules.jobs.map(({ service: { name } }) =>
      policy(
        cluster,
        name,
        { matchLabels: { 'app.kubernetes.io/name': name } },
        {
          policyTypes: ['Ingress', 'Egress'],
          egress: [{ to: schedules.hosts.map((cidr) => ({ ipBlock: { cidr } })), ports: tcp(22) }, toWorld],
        },
      ),
    ),
  ]
}

function claim({ state }: Schedules, cluster: Cluster): Words {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: state.claim, labels: labelsOf(state.claim, cluster) },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: `${state.sizeGi}Gi` } },
    },
  }
}

/** One at a time. One that failed is tried once more; a cluster that was away for an hour leaves it to the next. */
function cronJob({ at, mostSeconds, service }: Scheduled, { secret }: Schedules, cluster: Cluster): Words {
  const template = podTemplate({
    service,
    own: { uses: [] },
    cluster: { ...cluster, secret },
    configs: [],
    claims: true,
    textOf: ({ name }) => {
      throw new TypeError(`${name} is a config of no schedule`)
    },
  })
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: service.name, labels: labelsOf(service.name, cluster) },
    spec: {
      schedule: at,
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 3600,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 5,
      jobTemplate: { spec: { backoffLimit: 1, activeDeadlineSeconds: mostSeconds, template } },
    },
  }
}
