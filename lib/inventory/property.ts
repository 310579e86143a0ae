import { connectionSchema } from './connection-vars.ts'
import type { Property, VarsSchema } from './schema.ts'

type Schemas = readonly { readonly schema: VarsSchema }[]

/** The schema of a variable: the connection's own, or that of the first role that has it. */
export function propertyOf(name: string, schemas: Schemas): Property | undefined {
  return schemasWith(schemas)
    .map((schema) => schema.properties)
    .find((properties) => Object.hasOwn(properties, name))?.[name]
}

/** The names of all variables: the connection's, then those of the roles. */
export function variableNames(schemas: Schemas): readonly string[] {
  return [...new Set(schemasWith(schemas).flatMap((schema) => Object.keys(schema.properties)))]
}

function schemasWith(schemas: Schemas): readonly VarsSchema[] {
  return [connectionSchema, ...schemas.map(({ schema }) => schema)]
}
