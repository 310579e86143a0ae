import type { PlayedRole } from '../inventory/roles.ts'
import type { Role } from './role.ts'

/** Roles played on the hosts of a group. */
export interface Play {
  /** a group, a host, or "all" */
  readonly hosts: string
  readonly roles: readonly Role[]
  /** hosts at a time; all of them unless told */
  readonly serial?: number
}

/** The roles of plays as an inventory is checked against them. */
export function schemasOf(plays: readonly Play[]): readonly PlayedRole[] {
  return plays.flatMap(({ hosts, roles }) =>
    roles.map((role) => ({ role: role.name, schema: role.schema, hosts })),
  )
}
