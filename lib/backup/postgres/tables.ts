import type { Database } from '../../postgres/database.ts'
import type { Column } from './content-hash.ts'

/** Something that holds rows itself, and whose rows pg_dump brings along or a restore makes anew. */
export interface TableSource {
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly kind: 'table' | 'partition' | 'matview'
  /** false for a materialized view WITH NO DATA: it cannot be read */
  readonly populated: boolean
  /** "WHERE …" of an extension's configuration table: pg_dump dumps these rows of it and no others; "" for all */
  readonly condition: string
  /** an extension's own */
  readonly member: boolean
  /** bytes */
  readonly size: string
  readonly columns: readonly Column[]
}

/**
 * What holds rows that a restore gives back, largest first: tables, leaf partitions and materialized views. Not temporary or
 * foreign ones, nor an extension's own unless it declares them as configuration: pg_dump leaves their rows out.
 */
export async function tablesOf(database: Database): Promise<readonly TableSource[]> {
  const tables = await database.rows<Omit<TableSource, 'columns'>>(
    `select c.oid, n.nspname as schema, c.relname as name, c.relispopulated as populated,
            case when c.relkind = 'm' then 'matview' when c.relispartition then 'partition' else 'table' end as kind,
            coalesce(e.condition, '') as condition, e.extconfig is not null as member, pg_table_size(c.oid)::text as size
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       left join lateral (
         select x.extconfig, x.extcondition[array_position(x.extconfig, c.oid)] as condition
           from pg_depend d join pg_extension x on x.oid = d.refobjid
          where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.objsubid = 0 and d.deptype = 'e'
            and d.refclassid = 'pg_extension'::regclass) e on true
      where c.relkind in ('r', 'm') and c.relpersistence <> 't'
        and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and (e is null or c.oid = any (e.extconfig))
      order by pg_table_size(c.oid) desc, c.oid`,
  )
  // Of a domain, the type beneath: its output function knows nothing of domains.
  const columns = await database.rows<Column & { table: number }>(
    `with recursive base(type, oid) as (
       select oid, oid from pg_type where typtype <> 'd'
       union all
       select d.oid, b.oid from pg_type d join base b on b.type = d.typbasetype where d.typtype = 'd')
     select a.attrelid as table, a.attname as name, t.typlen < 0 as long,
            case when a.atttypid <> t.oid then format_type(t.oid, -1) end as base,
            quote_ident(ns.nspname) || '.' || quote_ident(o.proname) as output,
            case when x.extname = 'vector' and t.typname in ('vector', 'halfvec')
                 then quote_ident(ns.nspname) || '.' || quote_ident(t.typname || '_send') end as binary
       from pg_attribute a
       join base on base.type = a.atttypid join pg_type t on t.oid = base.oid
       join pg_proc o on o.oid = t.typoutput join pg_namespace ns on ns.oid = o.pronamespace
       left join pg_depend d on d.classid = 'pg_type'::regclass and d.objid = t.oid and d.deptype = 'e'
       left join pg_extension x on x.oid = d.refobjid and d.refclassid = 'pg_extension'::regclass
      where a.attrelid = any ($1::oid[]) and a.attnum > 0 and not a.attisdropped
        and a.attgenerated <> 'v'
      order by a.attrelid, a.attname collate "C"`,
    [tables.map(({ oid }) => oid)],
  )
  const byTable = new Map<number, Column[]>()
  for (const { table, ...column } of columns) byTable.set(table, [...(byTable.get(table) ?? []), column])
  return tables.map((each) => ({ ...each, columns: byTable.get(each.oid) ?? [] }))
}
