import type { Role } from './role.ts'

/** Roles played on the hosts of a group. */
export interface Play {
  /** a group, a host, or "all" */
  readonly hosts: string
  readonly roles: readonly Role[]
  /** hosts at a time; all of them unless told */
  readonly serial?: number
}
