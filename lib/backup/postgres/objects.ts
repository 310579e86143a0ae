import type { Database } from '../../postgres/database.ts'
import type { DatabasePart } from '../manifest.ts'

export type ObjectPart = NonNullable<DatabasePart['objects']>[number]

/**
 * What a schema is made of besides tables: by name, since a definition that was read in again may be written another way.
 * Not what PostgreSQL makes by itself for a partition or a constraint, nor an index that is not valid: pg_dump leaves it out.
 */
export async function objectsOf(database: Database): Promise<readonly ObjectPart[]> {
  return await database.rows<ObjectPart>(
    `with own as (select oid from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'),
     found(class, id) as (
       select 'pg_class'::regclass, i.indexrelid from pg_index i join pg_class c on c.oid = i.indexrelid
        where i.indisvalid and c.relpersistence <> 't' and c.relnamespace in (select oid from own)
       union all
       select 'pg_class'::regclass, oid from pg_class
        where relkind in ('v', 'f') and relpersistence <> 't' and relnamespace in (select oid from own)
       union all
       select 'pg_constraint'::regclass, k.oid from pg_constraint k left join pg_class c on c.oid = k.conrelid
        where k.conparentid = 0 and k.coninhcount = 0 and k.contype in ('c', 'f', 'p', 'u', 'x')
          and coalesce(c.relpersistence <> 't', true) and k.connamespace in (select oid from own)
       union all
       select 'pg_trigger'::regclass, t.oid from pg_trigger t join pg_class c on c.oid = t.tgrelid
        where not t.tgisinternal and t.tgparentid = 0 and c.relpersistence <> 't'
          and c.relnamespace in (select oid from own)
       union all
       select 'pg_policy'::regclass, p.oid from pg_policy p
       union all
       select 'pg_proc'::regclass, oid from pg_proc where pronamespace in (select oid from own))
     select i.type as kind, i.identity as name
       from found, lateral pg_identify_object(class, id, 0) i
      where not exists (select from pg_depend d where d.classid = class and d.objid = id and d.deptype = 'e')
      order by i.type collate "C", i.identity collate "C"`,
  )
}
