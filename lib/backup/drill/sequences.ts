import type { Database } from '../../postgres/database.ts'
import type { Looked } from './validity.ts'

interface Owned {
  readonly sequence: string
  readonly table: string
  readonly column: string
  readonly increment: string
}

/** Sequences that a column takes its values from: its own, an identity's, or one that its default names. */
const ownedSql = `
select distinct format('%I.%I', sn.nspname, s.relname) as sequence, format('%I.%I', tn.nspname, t.relname) as table,
  quote_ident(a.attname) as column, q.seqincrement::text as increment
from pg_sequence q
join pg_class s on s.oid = q.seqrelid join pg_namespace sn on sn.oid = s.relnamespace
join (
  select objid as sequence, refobjid as relation, refobjsubid as attribute from pg_depend
  where classid = 'pg_class'::regclass and refclassid = 'pg_class'::regclass and deptype in ('a', 'i') and refobjsubid > 0
  union
  select d.refobjid, f.adrelid, f.adnum from pg_depend d join pg_attrdef f on f.oid = d.objid
  where d.classid = 'pg_attrdef'::regclass and d.refclassid = 'pg_class'::regclass
) o on o.sequence = s.oid
join pg_class t on t.oid = o.relation and t.relkind in ('r', 'p') join pg_namespace tn on tn.oid = t.relnamespace
join pg_attribute a on a.attrelid = t.oid and a.attnum = o.attribute
where a.atttypid in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
order by 1, 2`

/** Sequences that would give out a value that their column has already. */
export async function sequencesBehind(database: Database): Promise<Looked> {
  const owned = await database.rows<Owned>(ownedSql)
  const problems: string[] = []
  for (const { sequence, table, column, increment } of owned) {
    const [row] = await database.rows<{ next: string; most: string | null }>(
      `select (case when is_called then last_value::numeric + ${increment} else last_value end)::text as next,
  (select ${increment.startsWith('-') ? 'min' : 'max'}(${column})::text from ${table}) as most from ${sequence}`,
    )
    if (row === undefined || row.most === null) continue
    const [next, most] = [BigInt(row.next), BigInt(row.most)]
    if (increment.startsWith('-') ? next >= most : next <= most)
      problems.push(
        `sequence ${sequence} gives ${row.next} next, and ${table}.${column} has come to ${row.most}`,
      )
  }
  return { count: owned.length, problems }
}
