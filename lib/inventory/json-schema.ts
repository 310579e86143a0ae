import { privateParts, sourceKinds } from '../secret/source.ts'
import { connectionSchema } from './connection-vars.ts'
import type { PlayedRole } from './roles.ts'
import { isRecord } from './words.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

const draft = 'http://json-schema.org/draft-07/schema#'

/**
 * A JSON Schema for files of variables (group_vars, host_vars), from those of the connection and the roles: for editors,
 * which complete and check by it. A file may give any part of the variables, so none is required.
 */
export function varsJsonSchema(roles: readonly PlayedRole[]): JsonSchema {
  return {
    $schema: draft,
    title: 'Variables of hosts and groups',
    ...variables(roles),
    definitions: { secret: secretSource },
  }
}

/** The same for hosts.yaml: groups of `hosts`, `children` and `vars`. */
export function hostsJsonSchema(roles: readonly PlayedRole[]): JsonSchema {
  const group = { $ref: '#/definitions/group' }
  const vars = { $ref: '#/definitions/variables' }
  return {
    $schema: draft,
    title: 'Hosts and their groups',
    type: 'object',
    additionalProperties: group,
    definitions: {
      group: {
        type: ['object', 'null'],
        additionalProperties: false,
        properties: {
          hosts: {
            type: ['object', 'null'],
            additionalProperties: vars,
            description:
              'each host by its name, with variables of its own or none; a range: web[01:20].internal',
          },
          children: {
            type: ['object', 'null'],
            additionalProperties: group,
            description: 'groups whose hosts are in this group, too',
          },
          vars: { allOf: [vars], description: 'variables of all hosts in the group' },
        },
      },
      variables: variables(roles),
      secret: secretSource,
    },
  }
}

function variables(roles: readonly PlayedRole[]): JsonSchema {
  const properties: Record<string, JsonSchema> = {}
  for (const [name, property] of Object.entries(connectionSchema.properties))
    properties[name] = told(property, 'the connection')
  const owners = new Map<string, string[]>()
  for (const { role, schema } of roles)
    for (const name of Object.keys(schema.properties))
      owners.set(name, [...new Set([...(owners.get(name) ?? []), role])])
  for (const { schema } of roles)
    for (const [name, property] of Object.entries(schema.properties))
      properties[name] ??= told(property, (owners.get(name) ?? []).map((role) => `role ${role}`).join(', '))
  return { type: ['object', 'null'], additionalProperties: false, properties }
}

/** A property for an editor: the description says whose it is, and a secret is a source. */
function told(property: unknown, owner: string): JsonSchema {
  const schema = withSources(property)
  if (!isRecord(schema)) return {}
  const description = typeof schema.description === 'string' ? `${schema.description} (${owner})` : owner
  return { ...schema, description }
}

function withSources(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withSources)
  if (!isRecord(schema)) return schema
  if (schema.format === 'secret') {
    const { type: _, format: __, ...rest } = schema
    return { allOf: [{ $ref: '#/definitions/secret' }], ...rest }
  }
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      // What an enum or a default holds is data, no schema.
      ['enum', 'const', 'default', 'required'].includes(key) ? value : withSources(value),
    ]),
  )
}

const text = (description: string, pattern?: string) => ({
  type: 'string',
  minLength: 1,
  ...(pattern === undefined ? {} : { pattern }),
  description,
})

const texts = (description: string) => ({
  type: 'array',
  minItems: 1,
  items: { type: 'string', minLength: 1 },
  description,
})

/** What each source takes. */
export const sourceSchemas: Readonly<Record<string, JsonSchema>> = {
  from_age: text('a name in an age-encrypted file of this inventory'),
  from_env: text('an environment variable of the one who runs the playbook', '^[A-Za-z_][A-Za-z0-9_]*$'),
  from_file: text('a file that others cannot read: ~/…, {state}/…, or from the environment’s folder'),
  from_command: texts('what a program prints: the program and its arguments'),
  generate: text('made once, kept in the state directory under this name', '^[A-Za-z0-9_][A-Za-z0-9_.-]*$'),
  local_ca: { enum: ['certificate', 'key'], description: 'of the local CA’s one server certificate' },
  private_ca: {
    enum: privateParts,
    description: 'of the environment’s own CA, by which its hosts know each other',
  },
}

const secretSource: JsonSchema = {
  type: 'object',
  description: 'where the secret comes from, never its value',
  additionalProperties: false,
  properties: {
    ...Object.fromEntries(sourceKinds.map((kind) => [kind, sourceSchemas[kind] ?? {}])),
    names: texts('with local_ca: the names that the certificate is for'),
  },
  oneOf: sourceKinds.map((kind) => ({ required: [kind] })),
}
