/** What is looked at before a deploy. */
export type Subject =
  | 'nodes'
  | 'placement'
  | 'quorum'
  | 'disk'
  | 'images'
  | 'ports'
  | 'ipvs'
  | 'encryption'
  | 'idle'
  | 'connections'
  | 'clock'

/** What was seen of one subject. `failed`: the deploy would fail, or harm what runs. */
export interface Finding {
  readonly subject: Subject
  readonly verdict: 'ok' | 'warning' | 'failed'
  /** for a person, in one line, with the node where it is one's: "swarm-2: 0.3 GiB free in /var/lib/docker" */
  readonly seen: string
}
