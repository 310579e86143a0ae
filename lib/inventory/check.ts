import type { Source } from '../secret/source.ts'
import { isSource } from '../secret/source.ts'
import { type ConnectionVars, connectionSchema } from './connection-vars.ts'
import { explain } from './explain.ts'
import type { Faults, Place } from './fault.ts'
import type { Missing } from './missing.ts'
import type { PlayedRole } from './roles.ts'
import type { VarsSchema } from './schema.ts'
import type { HostEntry } from './tree.ts'
import { segments, Validator, type Verdict } from './validator.ts'
import { type Variable, type Variables, valuePlace } from './variable.ts'
import { pathText } from './words.ts'

/** A source that stands among a host's variables, still to be turned into its secret. */
export interface FoundSecret {
  readonly path: readonly string[]
  /** "apps[0].secrets.TOKEN" */
  readonly name: string
  readonly place: Place
  readonly source: Source
}

/** A host's variables with defaults filled in; worth using only when there was no fault. */
export interface CheckedVars {
  readonly connection: ConnectionVars
  readonly vars: Record<string, unknown>
  readonly secrets: readonly FoundSecret[]
  /** those among the connection's variables */
  readonly connectionSecrets: readonly FoundSecret[]
  /** where `jump` is given, or else the host */
  readonly jumpPlace: Place
}

/** Checks the variables of hosts against the connection's schema and those of their roles. */
export class Checker {
  readonly #validator = new Validator()
  readonly #compiled = new Map<VarsSchema, (vars: Record<string, unknown>) => Verdict>()
  readonly #faults: Faults
  readonly #missing: Missing

  constructor(faults: Faults, missing: Missing) {
    this.#faults = faults
    this.#missing = missing
  }

  check(host: HostEntry, given: Variables, roles: readonly PlayedRole[]): CheckedVars {
    const all = Object.fromEntries(
      [...given].map(([name, variable]) => [name, structuredClone(variable.value)]),
    )
    const connection = pick(all, connectionSchema)
    const reached = this.#verdict(connectionSchema, 'connection', connection)
    this.#explain(given, reached)
    const vars: Record<string, unknown> = {}
    const secrets = new Map<string, FoundSecret>()
    for (const { role, schema, hosts } of roles) {
      // Roles that share a variable share its one value, with what an earlier role filled in.
      const slice = { ...pick(all, schema), ...pick(vars, schema) }
      const verdict = this.#verdict(schema, role, slice)
      checkDefaults(role, given, verdict)
      this.#explain(given, verdict)
      for (const name of missingIn(verdict)) {
        this.#missing.add(name, schema.properties[name] ?? {}, role, hosts, host.name)
      }
      Object.assign(vars, slice)
      for (const path of verdict.secrets) {
        const secret = found(path, slice, given, host)
        if (secret !== undefined) secrets.set(path.join('\0'), secret)
      }
    }
    // The schema was checked just above; a host with faults is never handed out.
    return {
      connection: connection as ConnectionVars,
      vars,
      secrets: [...secrets.values()],
      jumpPlace: placeOf(given.get('jump')) ?? host.place,
      connectionSecrets: reached.secrets.flatMap((path) => found(path, connection, given, host) ?? []),
    }
  }

  #verdict(schema: VarsSchema, role: string, vars: Record<string, unknown>): Verdict {
    const check = this.#compiled.get(schema) ?? this.#validator.compile(schema, role)
    this.#compiled.set(schema, check)
    return check(vars)
  }

  #explain(given: Variables, verdict: Verdict): void {
    for (const variable of given.values()) {
      const own = verdict.errors.filter(({ instancePath }) => segments(instancePath)[0] === variable.name)
      if (own.length > 0) explain(variable, own, this.#faults)
    }
  }
}

/** The value at a path of nested mappings and lists. */
export function valueAt(root: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, segment) =>
      typeof value === 'object' && value !== null ? Reflect.get(value, segment) : undefined,
    root,
  )
}

function found(
  path: readonly string[],
  vars: unknown,
  given: Variables,
  host: HostEntry,
): FoundSecret | undefined {
  const source = valueAt(vars, path)
  if (!isSource(source)) return undefined
  const [name = '', ...rest] = path
  const variable = given.get(name)
  // A default stands in no file; the host is what made it necessary.
  const place = variable === undefined ? host.place : valuePlace(variable, rest)
  return { path, name: pathText(path, vars), place, source: structuredClone(source) }
}

/** What is wrong but stands in no file came from a schema: its author's mistake. */
function checkDefaults(role: string, given: Variables, verdict: Verdict): void {
  for (const { instancePath, keyword, message } of verdict.errors) {
    const [name] = segments(instancePath)
    if (name === undefined ? keyword === 'required' : given.has(name)) continue
    throw new TypeError(`role ${role}: the default at ${instancePath || 'the top'} ${message}`)
  }
}

function missingIn(verdict: Verdict): readonly string[] {
  return verdict.errors
    .filter(({ keyword, instancePath }) => keyword === 'required' && instancePath === '')
    .map(({ params }) => String(params.missingProperty))
}

function placeOf(variable: Variable | undefined): Place | undefined {
  return variable === undefined ? undefined : valuePlace(variable)
}

function pick(vars: Readonly<Record<string, unknown>>, schema: VarsSchema): Record<string, unknown> {
  return Object.fromEntries(Object.entries(vars).filter(([name]) => Object.hasOwn(schema.properties, name)))
}
