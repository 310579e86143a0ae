/** A node, as a manager of its swarm knows it. */
export interface Node {
  readonly id: string
  readonly hostname: string
  readonly role: 'manager' | 'worker'
  readonly availability: 'active' | 'pause' | 'drain'
  readonly labels: Readonly<Record<string, string>>
  /** ready, down, unknown, disconnected */
  readonly state: string
  readonly leader: boolean
  /** managers: the others reach it */
  readonly reachable: boolean
}

interface Said {
  readonly ID: string
  readonly Spec: {
    readonly Role: 'manager' | 'worker'
    readonly Availability: 'active' | 'pause' | 'drain'
    readonly Labels?: Readonly<Record<string, string>> | null
  }
  readonly Description: { readonly Hostname: string }
  readonly Status: { readonly State: string }
  readonly ManagerStatus?: { readonly Leader?: boolean; readonly Reachability?: string } | null
}

/** Reads what /nodes answers. */
export function parseNodes(json: string): readonly Node[] {
  return (JSON.parse(json) as readonly Said[]).map(({ ID, Spec, Description, Status, ManagerStatus }) => ({
    id: ID,
    hostname: Description.Hostname,
    role: Spec.Role,
    availability: Spec.Availability,
    labels: Spec.Labels ?? {},
    state: Status.State,
    leader: ManagerStatus?.Leader === true,
    reachable: ManagerStatus?.Reachability === 'reachable',
  }))
}
