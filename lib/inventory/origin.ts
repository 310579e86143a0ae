import { stringify } from 'yaml'
import { UsageError } from '../error.ts'
import { columns } from './columns.ts'
import { connectionSchema } from './connection-vars.ts'
import { type Place, shownPlace } from './fault.ts'
import { didYouMean } from './nearest.ts'
import { propertyOf, variableNames } from './property.ts'
import type { PlayedRole } from './roles.ts'
import type { VarsSchema } from './schema.ts'
import { brief, shown } from './shown.ts'
import type { Survey } from './survey.ts'
import { keyPlace } from './variable.ts'
import { expected } from './words.ts'

/** One place that gives a host a value for a variable. */
export interface Origin {
  readonly layer: string
  /** undefined for a default: it stands in a schema */
  readonly place: Place | undefined
  /** a secret's value is never here */
  readonly value: unknown
  readonly wins: boolean
}

/**
 * Where a variable of a host comes from: each layer that gives it, the winner last. Throws a UsageError for a name that
 * no role and not the connection knows, and that nothing gives.
 */
export function originsOf(
  survey: Survey,
  host: string,
  name: string,
  schemas: readonly PlayedRole[],
): readonly Origin[] {
  const property = propertyOf(name, schemas)
  const given = (survey.layers.get(host) ?? []).flatMap(({ name: layer, variables }) => {
    const variable = variables.get(name)
    if (variable === undefined) return []
    return [{ layer, place: keyPlace(variable), value: shown(variable.value, property), wins: false }]
  })
  if (property === undefined && given.length === 0) {
    const hint = didYouMean(name, variableNames(schemas)) ?? 'each role’s README lists its variables'
    throw new UsageError(`no variable is called \`${name}\``, hint)
  }
  const found: Origin[] = [...defaultsOf(survey, host, name), ...given]
  return found.map((origin, index) => ({ ...origin, wins: index === found.length - 1 }))
}

/** The same for a person: what it is, what it is for, and a table of the layers with a mark at the winner. */
export function explainOrigins(
  survey: Survey,
  host: string,
  name: string,
  schemas: readonly PlayedRole[],
): readonly string[] {
  const origins = originsOf(survey, host, name, schemas)
  const winner = origins.at(-1)
  const property = propertyOf(name, schemas)
  const about = typeof property?.description === 'string' ? `: ${property.description}` : ''
  const users = readersOf(survey, host, name)
  const rows = origins.map(({ layer, place, value, wins }) => [
    wins ? '  *' : '   ',
    layer,
    brief(value),
    place === undefined || place.line === 0 ? '' : shownPlace(place),
  ])
  const whole = winner !== undefined && brief(winner.value).endsWith('…') ? stringify(winner.value) : ''
  return [
    winner === undefined
      ? `nothing gives ${host} the variable ${name}`
      : `${name} of ${host} is ${brief(winner.value)}, from ${winner.layer}`,
    property === undefined ? '  no role knows it' : `  ${expected(property)}${about}`,
    users.length === 0 ? `  no role that ${host} is played reads it` : `  read by ${users.join(', ')}`,
    ...(rows.length === 0 ? [] : ['', ...columns(rows)]),
    ...(whole === ''
      ? []
      : [
          '',
          ...whole
            .trimEnd()
            .split('\n')
            .map((line) => `    ${line}`),
        ]),
  ]
}

/** All variables that a host has, with their values and the layers that they come from. */
export function explainAll(survey: Survey, host: string, schemas: readonly PlayedRole[]): readonly string[] {
  const rows = variableNames(schemas).flatMap((name) => {
    const winner = originsOf(survey, host, name, schemas).at(-1)
    if (winner === undefined) return []
    const place =
      winner.place === undefined || winner.place.line === 0 ? winner.layer : shownPlace(winner.place)
    return [[name, brief(winner.value, 40), place]]
  })
  return columns([['variable', 'value', 'from'], ...rows])
}

function defaultsOf(survey: Survey, host: string, name: string): readonly Origin[] {
  const sources: readonly { of: string; properties: VarsSchema['properties'] }[] = [
    { of: 'the connection', properties: connectionSchema.properties },
    ...survey.played(host).map(({ role, schema }) => ({ of: `role ${role}`, properties: schema.properties })),
  ]
  // Roles that share a variable have one default: see checkRoles.
  for (const { of, properties } of sources) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (property === undefined || !('default' in property)) continue
    const value = shown(property.default, property)
    return [{ layer: `default of ${of}`, place: undefined, value, wins: false }]
  }
  return []
}

function readersOf(survey: Survey, host: string, name: string): readonly string[] {
  return [
    ...(name in connectionSchema.properties ? ['the connection'] : []),
    ...survey
      .played(host)
      .filter(({ schema }) => Object.hasOwn(schema.properties, name))
      .map(({ role }) => `role ${role}`),
  ]
}
