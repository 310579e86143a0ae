import { connectionSchema } from './connection-vars.ts'
import type { VarsSchema } from './schema.ts'

/** A role, and the group (or host) that it is played on. */
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

/** The roles that a host is played, each once. */
export function rolesOf(
  host: string,
  groups: readonly string[],
  roles: readonly PlayedRole[],
): readonly PlayedRole[] {
  const played = roles.filter(({ hosts }) => hosts === host || groups.includes(hosts))
  return played.filter((one, index) => played.findIndex((other) => other.role === one.role) === index)
}
