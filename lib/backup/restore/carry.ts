import type { Database } from '../../postgres/database.ts'
import { identifier } from '../../postgres/identifier.ts'

/** What hangs on a database itself, and not on anything in it. */
export interface Hanging {
  readonly owner: string
  /** -1 for none */
  readonly connectionLimit: number
  readonly tablespace: string
  readonly comment: string | null
  /** undefined where the default holds */
  readonly grants: readonly Grant[] | undefined
  readonly settings: readonly Setting[]
}

export interface Grant {
  /** undefined for PUBLIC */
  readonly role: string | null
  readonly privilege: string
  readonly grantable: boolean
}

export interface Setting {
  /** the role that it holds for; null for all */
  readonly role: string | null
  readonly name: string
  readonly value: string
}

interface Row {
  readonly owner: string
  readonly limit: number
  readonly tablespace: string
  readonly comment: string | null
  readonly defaults: boolean
}

/** Reads it; undefined where there is no such database. */
export async function hangingOf(admin: Database, database: string): Promise<Hanging | undefined> {
  const [row] = await admin.rows<Row & { oid: number }>(
    `select d.oid, pg_get_userbyid(d.datdba) as owner, d.datconnlimit as "limit", t.spcname as tablespace,
            shobj_description(d.oid, 'pg_database') as comment, d.datacl is null as defaults
       from pg_database d join pg_tablespace t on t.oid = d.dattablespace where d.datname = $1`,
    [database],
  )
  if (row === undefined) return undefined
  const grants = row.defaults
    ? undefined
    : await admin.rows<Grant & { [name: string]: unknown }>(
        `select case when a.grantee = 0 then null else pg_get_userbyid(a.grantee) end as role,
                a.privilege_type as privilege, a.is_grantable as grantable
           from pg_database d, aclexplode(d.datacl) a where d.oid = $1 order by 1 nulls first, 2`,
        [row.oid],
      )
  const settings = await admin.rows<Setting & { [name: string]: unknown }>(
    `select case when s.setrole = 0 then null else pg_get_userbyid(s.setrole) end as role,
            split_part(c, '=', 1) as name, substr(c, strpos(c, '=') + 1) as value
       from pg_db_role_setting s, unnest(s.setconfig) c where s.setdatabase = $1 order by 1 nulls first, 2`,
    [row.oid],
  )
  const { owner, limit, tablespace, comment } = row
  return { owner, connectionLimit: limit, tablespace, comment, grants, settings }
}

/** Their values are lists of quoted names already: in one more pair of quotes they would be one name. */
const lists = [
  'search_path',
  'temp_tablespaces',
  'session_preload_libraries',
  'local_preload_libraries',
  'shared_preload_libraries',
  'unix_socket_directories',
]

/**
 * Whether somebody has set anything on it: what serves then has the last word over a backup. Where nobody has (a new host,
 * on which site.ts has made it) the backup's holds.
 */
export function saysSomething({ connectionLimit, grants, settings }: Hanging): boolean {
  return connectionLimit !== -1 || grants !== undefined || settings.length > 0
}

/** SQL that takes all of it from a database but its owner. */
export function bareSql(
  name: string,
  { owner, connectionLimit, grants, settings }: Hanging,
): readonly string[] {
  const database = identifier(name)
  const whom = (role: string | null) => (role === null ? 'public' : identifier(role))
  const holders = [...new Set((grants ?? []).map(({ role }) => role))]
  const set = [...new Set(settings.map(({ role }) => role))]
  return [
    ...(connectionLimit === -1 ? [] : [`alter database ${database} connection limit -1`]),
    ...holders.map((role) => `revoke all on database ${database} from ${whom(role)} cascade`),
    // As it is by default, which no SQL brings back as such.
    ...(grants === undefined
      ? []
      : [
          `grant connect, temporary on database ${database} to public`,
          `grant all on database ${database} to ${identifier(owner)}`,
        ]),
    ...set.map((role) =>
      role === null
        ? `alter database ${database} reset all`
        : `alter role ${identifier(role)} in database ${database} reset all`,
    ),
  ]
}

/** SQL that gives another database all of it but the comment. */
export function carrySql(to: string, hanging: Hanging): readonly string[] {
  const { owner, connectionLimit, grants, settings } = hanging
  const database = identifier(to)
  const given = (grants ?? []).filter(({ role }) => role !== owner)
  return [
    `alter database ${database} owner to ${identifier(owner)}`,
    ...(connectionLimit === -1 ? [] : [`alter database ${database} connection limit ${connectionLimit}`]),
    ...(grants === undefined ? [] : [`revoke all on database ${database} from public`]),
    ...given.map(({ role, privilege, grantable }) => {
      const whom = role === null ? 'public' : identifier(role)
      return `grant ${privilege} on database ${database} to ${whom}${grantable ? ' with grant option' : ''}`
    }),
    ...settings.map(({ role, name: setting, value }) => {
      const of =
        role === null
          ? `alter database ${database}`
          : `alter role ${identifier(role)} in database ${database}`
      const written = lists.includes(setting) ? value : literal(value)
      return `${of} set ${setting.split('.').map(identifier).join('.')} to ${written === '' ? "''" : written}`
    }),
  ]
}

/** A text in SQL, whatever standard_conforming_strings says. */
export function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`
  return text.includes('\\') ? `E${quoted}` : quoted
}
