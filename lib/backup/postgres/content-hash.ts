import { identifier, qualified } from '../../postgres/identifier.ts'

/** A column as the hash needs it. */
export interface Column {
  readonly name: string
  /** whether its type has values of any length */
  readonly long: boolean
  /** of a domain: the type beneath, as SQL writes it */
  readonly base: string | null
  /** the function that writes a value as text, as SQL calls it */
  readonly output: string
  /** the function that writes it as bytes, where that says exactly the same and is faster */
  readonly binary: string | null
}

export interface Hashed {
  readonly schema: string
  readonly name: string
  readonly columns: readonly Column[]
  /** "WHERE …", or "" for all rows */
  readonly condition: string
}

/** Stands before each hash: two hashes can be compared that have the same. Raise it with every change to the formula. */
export const formula = '1'

/**
 * SQL for one row with `rows` and `hash` of a table, the same for a copy of it wherever its rows lie:
 *
 *     hash = "1:" || sum over all rows of h(row)            an integer of any length; 0 for no rows
 *     row  = ROW(columns, sorted by name as bytes)::text
 *     h(t) = hashtextextended(t COLLATE "C", 0)             64 bits of the text's bytes in the database's encoding
 *
 * A sum knows no order, and a row that is there twice does not cancel itself out, as it would with XOR. In the row, a
 * value of a type of any length (text, bytea, jsonb, arrays, numeric, …) is represented by h of its own text: the row's
 * text stays short, and a value is hashed wherever pg_dump can dump it, where `ROW(…)::text` of it all would burst
 * PostgreSQL's limit of 1 GB. The text is what the type's output function says, never a cast, which a user may have defined
 * and which drops the blanks of char(n). Of bytea it is the SHA-256, which needs no text of twice its size in the server's
 * memory; of pgvector's vector and halfvec the hex of their binary form, which is exact and takes half the time. NULL is an
 * empty field, and "" is not. Needs the settings of session.ts. Everything in it may run in parallel workers.
 */
export function hashQuery(table: Hashed): string {
  const row = `row(${table.columns.map(field).join(', ')})::text`
  return `select count(*)::text as rows, '${formula}:' || coalesce(sum(${hashed(row)}), 0)::text as hash
    from only ${qualified(table)} as t ${table.condition}`
}

function field({ name, long, base, output, binary }: Column): string {
  const column = `t.${identifier(name)}`
  const value = base === null ? column : `${column}::${base}`
  if (!long) return column
  if (binary !== null) return hashed(`encode(${binary}(${value}), 'hex')`)
  if (output === 'pg_catalog.byteaout') return hashed(`encode(sha256(${value}), 'hex')`)
  if (output === 'pg_catalog.textout' || output === 'pg_catalog.varcharout') return hashed(`${value}::text`)
  return hashed(`textin(${output}(${value}))`)
}

function hashed(text: string): string {
  return `hashtextextended((${text}) collate "C", 0)`
}
