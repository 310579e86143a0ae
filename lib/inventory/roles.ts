import { connectionSchema } from './connection-vars.ts'
import type { VarsSchema } from './schema.ts'
import { type Members, selectPresent } from './select.ts'

/** A role, and the hosts that it is played on: a pattern. */
export interface PlayedRole {
  readonly role: string
  readonly schema: VarsSchema
  readonly hosts: string
}

/** Throws where roles cannot share one set of variables: a mistake in a role, found at once. */
export function checkRoles(roles: readonly PlayedRole[]): void {
  const defaults = new Map<string, { role: string; value: string }>()
  for (const { role, schema } of roles) {
    for (const [name, property] of Object.entries(schema.properties)) {
      if (name in connectionSchema.properties) {
        throw new TypeError(`role ${role} calls a variable \`${name}\`, which is a connection variable`)
      }
      if (!('default' in property)) continue
      const value = JSON.stringify(property.default)
      const other = defaults.get(name)
      if (other !== undefined && other.value !== value) {
        throw new TypeError(`roles ${other.role} and ${role} give \`${name}\` different defaults`)
      }
      defaults.set(name, { role, value })
    }
  }
}

/** The roles that each host is played, each once. A pattern that matches nothing here plays its role on no host. */
export function rolesOf(
  members: Members,
  roles: readonly PlayedRole[],
): (host: string) => readonly PlayedRole[] {
  const hosts = new Map(roles.map((role) => [role.hosts, new Set<string>()]))
  for (const [pattern, chosen] of hosts) for (const host of selectPresent(pattern, members)) chosen.add(host)
  return (host) => {
    const played = roles.filter((role) => hosts.get(role.hosts)?.has(host))
    return played.filter((one, index) => played.findIndex((other) => other.role === one.role) === index)
  }
}
