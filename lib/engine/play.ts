import type { PlayedRole } from '../inventory/roles.ts'
import type { Role } from './role.ts'

/** So many hosts, or a share of the play's hosts: 2, "30%". */
export type Serial = number | `${number}%`

/** Roles played on the hosts of a pattern. */
export interface Play {
  /** Ansible's patterns: a group, a host, "all", "app:!app-2" */
  readonly hosts: string
  readonly roles: readonly Role[]
  /** an environment may lack the group or host that `hosts` names: the play is then for none */
  readonly optional?: true
  /** hosts at a time, each batch to its end before the next: one number or share, or a list whose last one repeats */
  readonly serial?: Serial | readonly Serial[]
  /** the play stops once more than this share of a batch has failed; 100 unless told: it goes on with the others */
  readonly maxFailPercentage?: number
  /** the play stops on every host once one has failed */
  readonly anyErrorsFatal?: boolean
  /** hosts worked on at the same time, below --forks */
  readonly throttle?: number
  /** words for --tags and --skip-tags, for all of its resources */
  readonly tags?: readonly string[]
}

/** The roles of plays as an inventory is checked against them. */
export function schemasOf(plays: readonly Play[]): readonly PlayedRole[] {
  return plays.flatMap(({ hosts, roles }) =>
    roles.map((role) => ({ role: role.name, schema: role.schema, hosts })),
  )
}
