/** A service, as a manager tells of it. */
export interface Service {
  readonly id: string
  /** without its stack: "api" */
  readonly name: string
  readonly mode:
    | { readonly kind: 'replicated' | 'job'; readonly replicas: number }
    | { readonly kind: 'global' }
  /** "node.labels.edge == true" */
  readonly constraints: readonly string[]
  /** how long a new task must have run before it counts */
  readonly monitorSeconds: number
  /** none, on-failure, any */
  readonly restart: string
  /** of its last update; undefined where it has had none since it was last deployed */
  readonly update: { readonly state: UpdateState; readonly message: string } | undefined
}

export type UpdateState =
  | 'updating'
  | 'paused'
  | 'completed'
  | 'rollback_started'
  | 'rollback_paused'
  | 'rollback_completed'

/** A task of a service: one container that is to run on a node. */
export interface Task {
  readonly id: string
  readonly serviceId: string
  readonly slot: number
  readonly nodeId: string
  /** what is wanted of it: running, shutdown, … */
  readonly desired: string
  /** what it is: new, pending, assigned, preparing, starting, running, complete, failed, rejected, … */
  readonly state: string
  /** since when, in seconds of 1970 */
  readonly since: number
  readonly created: number
  readonly error: string
  readonly exitCode: number | undefined
}

interface SaidService {
  readonly ID: string
  readonly Spec: {
    readonly Name: string
    readonly Labels?: Readonly<Record<string, string>>
    readonly Mode: {
      readonly Replicated?: { readonly Replicas?: number }
      readonly Global?: object
      readonly ReplicatedJob?: { readonly TotalCompletions?: number }
      readonly GlobalJob?: object
    }
    readonly TaskTemplate: {
      readonly Placement?: { readonly Constraints?: readonly string[] | null }
      readonly RestartPolicy?: { readonly Condition?: string }
    }
    readonly UpdateConfig?: { readonly Monitor?: number }
  }
  readonly UpdateStatus?: { readonly State?: UpdateState; readonly Message?: string }
}

/** Reads what /services answers. */
export function parseServices(json: string): readonly Service[] {
  return (JSON.parse(json) as readonly SaidService[]).map(({ ID, Spec, UpdateStatus }) => {
    const stack = Spec.Labels?.['com.docker.stack.namespace']
    const { Mode, TaskTemplate, UpdateConfig } = Spec
    const state = UpdateStatus?.State
    return {
      id: ID,
      name: stack === undefined ? Spec.Name : Spec.Name.replace(`${stack}_`, ''),
      mode: modeOf(Mode),
      constraints: TaskTemplate.Placement?.Constraints ?? [],
      // Nanoseconds; five seconds are Docker's own.
      monitorSeconds: (UpdateConfig?.Monitor ?? 5e9) / 1e9,
      restart: TaskTemplate.RestartPolicy?.Condition ?? 'any',
      update: state === undefined ? undefined : { state, message: UpdateStatus?.Message ?? '' },
    }
  })
}

function modeOf({ Replicated, ReplicatedJob }: SaidService['Spec']['Mode']): Service['mode'] {
  if (ReplicatedJob !== undefined) return { kind: 'job', replicas: ReplicatedJob.TotalCompletions ?? 1 }
  if (Replicated !== undefined) return { kind: 'replicated', replicas: Replicated.Replicas ?? 1 }
  return { kind: 'global' }
}

interface SaidTask {
  readonly ID: string
  readonly CreatedAt: string
  readonly ServiceID: string
  readonly Slot?: number
  readonly NodeID?: string
  readonly DesiredState: string
  readonly Status: {
    readonly Timestamp: string
    readonly State: string
    readonly Err?: string
    readonly Message?: string
    readonly ContainerStatus?: { readonly ExitCode?: number }
  }
}

/** Reads what /tasks answers. */
export function parseTasks(json: string): readonly Task[] {
  return (JSON.parse(json) as readonly SaidTask[]).map((said) => ({
    id: said.ID,
    serviceId: said.ServiceID,
    slot: said.Slot ?? 0,
    nodeId: said.NodeID ?? '',
    desired: said.DesiredState,
    state: said.Status.State,
    since: Date.parse(said.Status.Timestamp) / 1000,
    created: Date.parse(said.CreatedAt) / 1000,
    error: said.Status.Err ?? '',
    exitCode: said.Status.ContainerStatus?.ExitCode,
  }))
}
