import type { Database } from '../../postgres/database.ts'
import { qualified } from '../../postgres/identifier.ts'
import type { DatabasePart } from '../manifest.ts'

export type SequencePart = DatabasePart['sequences'][number]

/** how many are asked for in one query */
const atOnce = 200

/** Where each sequence stands that pg_dump dumps: now, not as of a snapshot, since a sequence obeys none. */
export async function sequencesOf(database: Database): Promise<readonly SequencePart[]> {
  const names = await database.rows<{ schema: string; name: string }>(
    `select n.nspname as schema, c.relname as name
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'S' and c.relpersistence <> 't'
        and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and not exists (select from pg_depend d join pg_extension e on e.oid = d.refobjid
                         where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
                           and d.refclassid = 'pg_extension'::regclass and c.oid <> all (coalesce(e.extconfig, '{}')))
      order by n.nspname collate "C", c.relname collate "C"`,
  )
  const found: SequencePart[] = []
  for (let at = 0; at < names.length; at += atOnce) {
    const some = names.slice(at, at + atOnce)
    const queries = some.map(
      (each, index) =>
        `select ${index} as index, last_value::text as value, is_called as called
           from ${qualified(each)}`,
    )
    const rows = await database.rows<{ index: number; value: string; called: boolean }>(
      queries.join(' union all '),
    )
    const values = new Map(rows.map(({ index, value, called }) => [index, { value, called }]))
    some.forEach((each, index) => {
      const value = values.get(index)
      if (value !== undefined) found.push({ ...each, ...value })
    })
  }
  return found
}

/** The earlier of two looks, with what the later one adds: how far those have come that moved. */
export function spanned(
  before: readonly SequencePart[],
  after: readonly SequencePart[],
): readonly SequencePart[] {
  const later = new Map(after.map((each) => [JSON.stringify([each.schema, each.name]), each]))
  return before.map((each) => {
    const then = later.get(JSON.stringify([each.schema, each.name]))
    const same = then === undefined || (then.value === each.value && then.called === each.called)
    return same ? each : { ...each, until: then.value }
  })
}
