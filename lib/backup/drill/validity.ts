import type { Database } from '../../postgres/database.ts'

/** What was looked at, and what is wrong with it, a line each. */
export interface Looked {
  readonly count: number
  readonly problems: readonly string[]
}

const ours = `n.nspname !~ '^pg_(toast|temp|catalog)' and n.nspname <> 'information_schema'`

/** Indexes that the server itself knows to be incomplete, or would not use. */
export async function indexesOf(database: Database): Promise<Looked> {
  const rows = await database.rows<{ name: string; valid: boolean; ready: boolean }>(`
select format('%I.%I', n.nspname, c.relname) as name, i.indisvalid as valid, i.indisready and i.indislive as ready
from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
where ${ours} order by 1`)
  const bad = rows.filter(({ valid, ready }) => !valid || !ready)
  return {
    count: rows.length,
    problems: bad.map(({ name, valid }) => `index ${name} is not ${valid ? 'ready' : 'valid'}`),
  }
}

interface ForeignKey {
  readonly name: string
  readonly table: string
  readonly target: string
  /** what stands before the names: "only " keeps tables that inherit out, which no key covers */
  readonly only: readonly [string, string]
  /** columns as SQL, each with the one that it refers to, and the operator by which they are equal */
  readonly pairs: readonly (readonly [string, string, string])[]
  readonly full: boolean
}

/**
 * Constraints that nobody has proved (NOT VALID), and foreign keys that rows break. The second is asked of the rows
 * themselves: a flag in a catalog says what the server believes.
 */
export async function constraintsOf(database: Database): Promise<Looked> {
  const all = await database.rows<{ name: string; valid: boolean }>(`
select format('%I on %s', c.conname, c.conrelid::regclass) as name, c.convalidated as valid
from pg_constraint c join pg_namespace n on n.oid = c.connamespace where ${ours} order by 1`)
  const problems = all.filter(({ valid }) => !valid).map(({ name }) => `constraint ${name} is not validated`)
  for (const key of await foreignKeys(database)) {
    const [row] = await database.rows<{ count: string }>(orphansSql(key))
    if (row !== undefined && row.count !== '0')
      problems.push(
        `foreign key ${key.name} on ${key.table}: ${row.count} rows refer to nothing in ${key.target}`,
      )
  }
  return { count: all.length, problems }
}

/** Of a partitioned table's key its own alone: it covers its partitions. */
function foreignKeys(database: Database): Promise<readonly ForeignKey[]> {
  return database.rows<ForeignKey>(`
select quote_ident(c.conname) as name, format('%I.%I', tn.nspname, t.relname) as table,
  format('%I.%I', fn.nspname, f.relname) as target, c.confmatchtype = 'f' as full,
  json_build_array(case t.relkind when 'r' then 'only ' else '' end, case f.relkind when 'r' then 'only ' else '' end) as only,
  (select json_agg(json_build_array(quote_ident(a.attname), quote_ident(b.attname),
      format('OPERATOR(%I.%s)', opn.nspname, op.oprname)) order by k.at)
    from unnest(c.conkey, c.confkey, c.conpfeqop) with ordinality as k(here, there, eq, at)
    join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.here
    join pg_attribute b on b.attrelid = c.confrelid and b.attnum = k.there
    join pg_operator op on op.oid = k.eq join pg_namespace opn on opn.oid = op.oprnamespace) as pairs
from pg_constraint c
join pg_class t on t.oid = c.conrelid join pg_namespace tn on tn.oid = t.relnamespace
join pg_class f on f.oid = c.confrelid join pg_namespace fn on fn.oid = f.relnamespace
join pg_namespace n on n.oid = c.connamespace
where c.contype = 'f' and c.conparentid = 0 and ${ours} order by 2, 1`)
}

/** Counts the rows that a foreign key should not have let in. */
export function orphansSql({ table, target, only, pairs, full }: Omit<ForeignKey, 'name'>): string {
  const present = pairs.map(([here]) => `a.${here} is not null`)
  const equal = pairs.map(([here, there, operator]) => `b.${there} ${operator} a.${here}`).join(' and ')
  const orphan = `${present.join(' and ')} and not exists (select from ${only[1]}${target} b where ${equal})`
  // MATCH FULL takes all or none of the columns.
  const halves =
    full && pairs.length > 1 ? ` or (${present.join(' or ')}) and not (${present.join(' and ')})` : ''
  return `select count(*) as count from ${only[0]}${table} a where ${orphan}${halves}`
}
