import type { Database } from '../../postgres/database.ts'
import { identifier } from '../../resource/postgres.ts'

/** A vector index, and what a search by it must look like. Everything here is SQL that the server itself wrote. */
export interface VectorIndex {
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly table: string
  readonly tableSchema: string
  readonly method: 'hnsw' | 'ivfflat'
  /** what is indexed: a column, or an expression in parentheses */
  readonly subject: string
  /** type of that: "vector", "halfvec" */
  readonly type: string
  /** of the ops class, with its schema: OPERATOR(public.<=>) */
  readonly operator: string
  /** of a partial index */
  readonly predicate: string | null
  /** of an IVFFlat index */
  readonly lists: number | null
}

export interface Recall {
  /** of the 10 nearest that an exact search finds, the part that the index finds too; undefined without vectors */
  readonly recall?: number
  readonly samples: number
  /** the planner would not use it, whatever it was told */
  readonly unused?: boolean
}

const nearest = 10

/** The ordering operator is the ops class' own affair: vector_l2_ops has <->, vector_cosine_ops <=>, and so on. */
const listSql = `
select i.indexrelid::int8::float8 as oid, n.nspname as schema, c.relname as name, t.relname as table,
  tn.nspname as "tableSchema", am.amname as method, pg_get_indexdef(i.indexrelid, 1, true) as subject,
  format_type(a.atttypid, null) as type,
  format('OPERATOR(%I.%s)', opn.nspname, op.oprname) as operator,
  pg_get_expr(i.indpred, i.indrelid) as predicate,
  (select option_value::int from pg_options_to_table(c.reloptions) where option_name = 'lists') as lists
from pg_index i
join pg_class c on c.oid = i.indexrelid and c.relkind = 'i'
join pg_namespace n on n.oid = c.relnamespace
join pg_class t on t.oid = i.indrelid
join pg_namespace tn on tn.oid = t.relnamespace
join pg_am am on am.oid = c.relam and am.amname in ('hnsw', 'ivfflat')
join pg_attribute a on a.attrelid = i.indexrelid and a.attnum = 1
join pg_opclass oc on oc.oid = i.indclass[0]
join pg_amop ao on ao.amopfamily = oc.opcfamily and ao.amoplefttype = oc.opcintype and ao.amoppurpose = 'o'
join pg_operator op on op.oid = ao.amopopr
join pg_namespace opn on opn.oid = op.oprnamespace
order by 2, 3`

/** Vector indexes of a database that hold rows themselves, in the order of their names. */
export function vectorIndexes(database: Database): Promise<readonly VectorIndex[]> {
  return database.rows<VectorIndex>(listSql)
}

/** Texts of so many vectors of the table, by chance: none of those that nothing has a distance from. */
export function sampleSql(index: VectorIndex, samples: number): string {
  const { subject, operator } = index
  const has = `${subject} is not null and (${subject} ${operator} ${subject})::float8 <> 'NaN'`
  return `select (${subject})::text as vector from ${from(index)} where ${has}${and(index)} order by random() limit ${samples}`
}

/** Distances of the ten rows that are nearest to a vector ($1), the nearest first. */
export function searchSql(index: VectorIndex): string {
  const { subject, operator, type, predicate } = index
  const distance = `${subject} ${operator} $1::${type}`
  const where = predicate === null ? '' : ` where ${predicate}`
  return `select (${distance})::float8 as distance from ${from(index)}${where} order by ${distance} limit ${nearest}`
}

/**
 * How many of the rows that an exact search finds a search by the index finds too, for so many vectors of the table
 * itself. By distance, not by row: of rows that are equally near either will do.
 */
export async function recallOf(
  database: Database,
  index: VectorIndex,
  { samples, seed }: { readonly samples: number; readonly seed: number },
): Promise<Recall> {
  const search = searchSql(index)
  await database.rows('begin')
  try {
    await database.rows('select setseed($1)', [seed])
    const vectors = await database.rows<{ vector: string }>(sampleSql(index, samples))
    if (vectors.length === 0) return { samples: 0 }
    const exact: (readonly number[])[] = []
    await database.rows('set local enable_indexscan = off; set local enable_indexonlyscan = off')
    for (const { vector } of vectors) exact.push(await distances(database, search, vector))
    await byIndex(database, index)
    if (!(await uses(database, index, search, vectors[0]?.vector ?? ''))) return { samples: 0, unused: true }
    let [found, wanted] = [0, 0]
    for (const [at, { vector }] of vectors.entries()) {
      const limit = exact[at] ?? []
      found += hits(limit, await distances(database, search, vector))
      wanted += limit.length
    }
    return { recall: wanted === 0 ? 1 : found / wanted, samples: vectors.length }
  } finally {
    await database.rows('rollback')
  }
}

/** How many of the found distances are as near as the exact search's: never more than it has. */
export function hits(exact: readonly number[], found: readonly number[]): number {
  const furthest = exact.at(-1)
  if (furthest === undefined) return 0
  const slack = Math.abs(furthest) * 1e-6 + 1e-9 // the two sum up in different orders
  return Math.min(exact.length, found.filter((each) => each <= furthest + slack).length)
}

/** Other vector indexes of the table are put out of sight until the rollback, and an IVFFlat one looks at more lists than one. */
async function byIndex(database: Database, { oid, method, lists }: VectorIndex): Promise<void> {
  await database.rows(
    'set local enable_indexscan = on; set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_sort = off',
  )
  await database.rows(
    `update pg_index i set indisvalid = false from pg_class c, pg_am am
where c.oid = i.indexrelid and am.oid = c.relam and am.amname in ('hnsw', 'ivfflat')
  and i.indexrelid <> $1::oid and i.indrelid = (select indrelid from pg_index where indexrelid = $1::oid)`,
    [oid],
  )
  // pgvector's own advice; its default of 1 is for the app to raise, and says nothing of the index.
  if (method === 'ivfflat')
    await database.rows(`select set_config('ivfflat.probes', $1, true)`, [
      String(Math.max(1, Math.ceil(Math.sqrt(lists ?? 1)))),
    ])
}

async function distances(database: Database, sql: string, vector: string): Promise<readonly number[]> {
  const rows = await database.rows<{ distance: number | null }>(sql, [vector])
  return rows.flatMap(({ distance }) => (distance === null || Number.isNaN(distance) ? [] : [distance]))
}

async function uses(
  database: Database,
  { name }: VectorIndex,
  sql: string,
  vector: string,
): Promise<boolean> {
  const [row] = await database.rows<{ 'QUERY PLAN': unknown }>(`explain (format json) ${sql}`, [vector])
  return JSON.stringify(row).includes(`"Index Name":${JSON.stringify(name)}`)
}

function from({ tableSchema, table }: VectorIndex): string {
  return `only ${identifier(tableSchema)}.${identifier(table)}`
}

function and({ predicate }: VectorIndex): string {
  return predicate === null ? '' : ` and ${predicate}`
}
