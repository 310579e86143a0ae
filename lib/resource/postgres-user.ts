import { type Content, join, type Secret } from '../secret/index.ts'
import { matching, whole } from './argument.ts'
import { dockerProbe } from './docker.ts'
import { identifier, literal, type PostgresServer, psql, row, withSecretLiteral } from './postgres.ts'
import { type Common, type Plan, type Resource, resource, unchanged } from './resource.ts'
import { saltOf, scramVerifier, verifies } from './scram.ts'

export interface PostgresUserOptions extends PostgresServer, Common {
  readonly name: string
  /** printable ASCII; left as it is unless told */
  readonly password?: Secret | undefined
  readonly superuser?: boolean | undefined
  readonly createDb?: boolean | undefined
  readonly createRole?: boolean | undefined
  readonly replication?: boolean | undefined
  /** reads and writes past row security, as a backup may need to; a superuser always does */
  readonly bypassRowSecurity?: boolean | undefined
  /** until when its password is taken, in UTC: "2030-01-31T00:00:00Z"; without end unless told */
  readonly validUntil?: string | undefined
  /** -1, no limit, unless told */
  readonly connectionLimit?: number | undefined
  /** roles to be a member of, as pg_monitor; others are left as they are */
  readonly memberOf?: readonly string[] | undefined
}

/** How PostgreSQL says that a password has no end. */
const forever = 'infinity'

/** A role that may log in, with just these attributes. Its password is kept as a SCRAM-SHA-256 verifier. */
export function postgresUser(options: PostgresUserOptions): Resource {
  const { name, notify, connectionLimit = -1 } = options
  whole(connectionLimit, -1, 262_143, 'connectionLimit')
  if (options.validUntil !== undefined) checkMoment(options.validUntil)
  if (name === (options.admin ?? 'postgres') && options.superuser !== true) {
    throw new TypeError(`${name} administers the server: declare it with superuser: true`)
  }
  const look = `select json_build_object('login', rolcanlogin, 'superuser', rolsuper, 'createdb', rolcreatedb,
  'createrole', rolcreaterole, 'replication', rolreplication, 'bypassrls', rolbypassrls,
  'connection limit', rolconnlimit, 'valid until', case when isfinite(rolvaliduntil)
    then to_char(rolvaliduntil at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    else coalesce(rolvaliduntil::text, '${forever}') end,
  'password', rolpassword,
  'memberOf', array(select g.rolname from pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = a.oid))
from pg_authid a where rolname = ${literal(name)};
`
  return resource({
    id: `postgres user ${name} in ${options.container}`,
    probe: dockerProbe(psql(options, 'postgres', look)),
    read: ({ stdout }) => row(stdout),
    plan: (is) => planUser(options, is),
    notify,
  })
}

function planUser(options: PostgresUserOptions, is: Readonly<Record<string, unknown>> | undefined): Plan {
  const { name, password } = options
  const wanted = attributes(options)
  const differing = [...wanted].filter(([key, value]) => is?.[key] !== value)
  const newPassword = password !== undefined && !verifies(is?.password, password)
  const groups = Array.isArray(is?.memberOf) ? is.memberOf : []
  const joins = (options.memberOf ?? []).filter((group) => !groups.includes(group))
  const parts = [
    ...(is === undefined
      ? ['create']
      : differing.map(([key, value]) => `${key} ${String(is[key])} → ${value}`)),
    ...(newPassword ? [is === undefined ? 'with a password' : 'password changed'] : []),
    ...joins.map((group) => `member of ${group}`),
  ]
  if (parts.length === 0) return unchanged
  const role = identifier(name)
  const clauses = [...wanted].map(([key, value]) => clause(key, value)).join(' ')
  const statements: Content[] = [
    ...(is === undefined ? [`create role ${role} ${clauses};`] : []),
    ...(is !== undefined && differing.length > 0 ? [`alter role ${role} ${clauses};`] : []),
    ...(newPassword ? [newVerifier(name, password)] : []),
    ...joins.map((group) => `grant ${identifier(group)} to ${role};`),
  ]
  const apply = psql(options, 'postgres', join(['begin;', ...statements, 'commit;\n'], '\n'))
  return { kind: 'change', summary: parts.join(', '), apply }
}

function newVerifier(name: string, password: Secret): Content {
  const verifier = scramVerifier(password, saltOf(password, name))
  return withSecretLiteral(`alter role ${identifier(name)} password`, verifier)
}

function attributes(options: PostgresUserOptions): ReadonlyMap<string, Attribute> {
  return new Map<string, Attribute>([
    ['login', true],
    ['superuser', options.superuser ?? false],
    ['createdb', options.createDb ?? false],
    ['createrole', options.createRole ?? false],
    ['replication', options.replication ?? false],
    // What a superuser may anyway makes no difference: the first one of a server has it.
    ...(options.superuser === true
      ? []
      : ([['bypassrls', options.bypassRowSecurity ?? false]] as [string, Attribute][])),
    ['connection limit', options.connectionLimit ?? -1],
    ['valid until', options.validUntil ?? forever],
  ])
}

type Attribute = boolean | number | string

function clause(key: string, value: Attribute): string {
  if (typeof value === 'boolean') return `${value ? '' : 'no'}${key}`
  return `${key} ${typeof value === 'number' ? value : literal(value)}`
}

function checkMoment(moment: string): void {
  matching(moment, /^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'validUntil')
  // A 31st of February would be moved to March.
  const read = new Date(moment)
  if (Number.isNaN(read.getTime()) || read.toISOString().slice(0, 19) !== moment.slice(0, 19))
    throw new TypeError(`validUntil is no day and time: ${moment}`)
}
