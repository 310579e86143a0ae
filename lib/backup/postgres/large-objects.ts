import type { Database } from '../../postgres/database.ts'
import type { DatabasePart } from '../manifest.ts'
import { formula } from './content-hash.ts'

/**
 * How many large objects there are, what they hold and its hash: as with rows, a sum over all of them of a hash of number, length and
 * pages. A page counts without the zeros at its end, and one of zeros alone not at all: a hole in an object is dumped as zeros.
 */
export async function largeObjectsOf(database: Database): Promise<DatabasePart['largeObjects']> {
  const [row] = await database.rows<{ count: string; bytes: string; hash: string }>(
    `select count(*) as count, coalesce(sum(length), 0) as bytes,
            '${formula}:' || coalesce(sum(hashtextextended(concat_ws(':', oid, length, pages) collate "C", 0)), 0) as hash
       from (select m.oid, coalesce(max(p.pageno::bigint * current_setting('block_size')::int / 4 + octet_length(p.data)), 0) as length,
                    sum(hashtextextended(p.pageno || ':' || encode(rtrim(p.data, '\\x00'), 'hex') collate "C", 0))
                      filter (where rtrim(p.data, '\\x00') <> '') as pages
               from pg_largeobject_metadata m left join pg_largeobject p on p.loid = m.oid
              group by m.oid) objects`,
  )
  return { count: Number(row?.count ?? 0), bytes: Number(row?.bytes ?? 0), hash: row?.hash ?? `${formula}:0` }
}
