/** One line of what `pg_restore -l` prints: an entry of a dump's table of contents. */
export interface Entry {
  readonly line: string
  /** "TABLE", "TABLE DATA", "FK CONSTRAINT" */
  readonly kind: string
  /** "-" for what stands in no schema */
  readonly schema: string
  /** name, and behind a table's also its column's or constraint's */
  readonly tag: string
}

/** Kinds of more than one word, and others whose rows name their schema behind them. */
const kinds = [
  'TABLE DATA',
  'TABLE ATTACH',
  'INDEX ATTACH',
  'FK CONSTRAINT',
  'CHECK CONSTRAINT',
  'SEQUENCE SET',
  'SEQUENCE OWNED BY',
  'MATERIALIZED VIEW DATA',
  'MATERIALIZED VIEW',
  'BLOB METADATA',
  'LARGE OBJECT',
  'EVENT TRIGGER',
  'STATISTICS DATA',
] as const

/** Entries of a listing; comments and what is no entry are left out. */
export function entriesOf(listing: string): readonly Entry[] {
  return listing.split('\n').flatMap((line) => {
    const [, rest] = /^\d+; \d+ \d+ (.+)$/.exec(line) ?? []
    if (rest === undefined) return []
    const kind = kinds.find((each) => rest.startsWith(`${each} `)) ?? rest.split(' ', 1)[0] ?? ''
    const words = rest.slice(kind.length + 1).split(' ')
    // The last word is the owner, which may be missing; a name with blanks is told apart by what stands before it alone.
    return [{ line, kind, schema: words[0] ?? '', tag: words.slice(1).join(' ') }]
  })
}

/** What of a database is wanted: whole schemas, and tables. */
export interface Wanted {
  readonly schemas: readonly string[]
  readonly tables: readonly { readonly schema: string; readonly name: string }[]
}

/** Reads `schema.table`; a name with a dot or a blank is given in double quotes. Undefined for anything else. */
export function readTable(text: string): Wanted['tables'][number] | undefined {
  const part = '("(?:[^"]|"")+"|[^".\\s]+)'
  const [, schema, name] = new RegExp(`^${part}\\.${part}$`).exec(text) ?? []
  if (schema === undefined || name === undefined) return undefined
  return { schema: plain(schema), name: plain(name) }
}

function plain(part: string): string {
  return part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part
}

export function isWanted(wanted: Wanted, table: { readonly schema: string; readonly name: string }): boolean {
  return (
    wanted.schemas.includes(table.schema) ||
    wanted.tables.some(({ schema, name }) => schema === table.schema && name === table.name)
  )
}

const rows = [
  'TABLE DATA',
  'BLOBS',
  'BLOB',
  'BLOB METADATA',
  'LARGE OBJECT',
  'SEQUENCE SET',
  'STATISTICS DATA',
]

/**
 * The listing for `pg_restore -L` that brings the whole of a database's definitions, with the rows of what is wanted
 * alone. Foreign keys and materialized views' rows, which would need the others' rows, do not come along.
 */
export function listOf(entries: readonly Entry[], wanted: Wanted): string {
  const kept = entries.filter(({ kind, schema, tag }) => {
    if (kind === 'FK CONSTRAINT' || kind === 'MATERIALIZED VIEW DATA') return false
    if (!rows.includes(kind)) return true
    if (wanted.schemas.includes(schema)) return true
    // The owner follows the table's name; no name that begins alike is followed by exactly one word.
    return (
      kind === 'TABLE DATA' && wanted.tables.some((each) => each.schema === schema && isNamed(tag, each.name))
    )
  })
  return kept.map(({ line }) => `${line}\n`).join('')
}

function isNamed(tag: string, name: string): boolean {
  return tag === name || (tag.startsWith(`${name} `) && !tag.slice(name.length + 1).includes(' '))
}
