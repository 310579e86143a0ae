import { messageOf, QuaysideError } from '../../error.ts'
import type { Database, Server } from '../../postgres/database.ts'
import { qualified } from '../../postgres/identifier.ts'
import { sqlState } from '../../postgres/sql-error.ts'
import type { DatabasePart, TablePart } from '../manifest.ts'
import { hashQuery } from './content-hash.ts'
import { giveWay } from './give-way.ts'
import { largeObjectsOf } from './large-objects.ts'
import { objectsOf } from './objects.ts'
import { sequencesOf } from './sequences.ts'
import { openReader } from './session.ts'
import { openSnapshot } from './snapshot.ts'
import { holdTables, lockableTables } from './table-lock.ts'
import { type TableSource, tablesOf } from './tables.ts'

/** What a database holds, so that a copy of it can be held against it. */
export type Catalog = Pick<
  DatabasePart,
  | 'owner'
  | 'encoding'
  | 'collate'
  | 'ctype'
  | 'bytes'
  | 'extensions'
  | 'tables'
  | 'sequences'
  | 'largeObjects'
  | 'locale'
  | 'objects'
>

export interface CatalogOptions {
  /** id of an exported one; one of its own unless told */
  readonly snapshot?: string
  /** sessions that read at once: 2 unless told */
  readonly parallel?: number
  /** the server serves: whatever else wants its processors goes first */
  readonly serving?: boolean
  readonly signal?: AbortSignal
}

/** Reads every row of a database as of one moment. All or nothing: a table that cannot be read is an error that names it. */
export async function catalogOf(
  server: Server,
  name: string,
  { snapshot, parallel = 2, serving = false, ...rest }: CatalogOptions = {},
): Promise<Catalog> {
  if (snapshot === undefined) {
    const own = await openSnapshot(server, name, { purpose: 'count', ...rest })
    try {
      return await catalogOf(server, name, { snapshot: own.id, parallel, serving, ...rest })
    } finally {
      await own.close()
    }
  }
  const sessions: Database[] = []
  try {
    for (let each = 0; each < Math.max(1, parallel); each++)
      sessions.push(await openReader(server, name, { purpose: 'count', ...rest }))
    if (serving) await Promise.all(sessions.map((session) => giveWay(server, session)))
    await Promise.all(sessions.map((session) => look(session, snapshot)))
    return await read(sessions)
  } finally {
    await Promise.all(sessions.map((session) => session.close()))
  }
}

/** Puts a session into a snapshot. The tables are locked by who holds it; a lock of our own keeps those out who already wait for one. */
async function look(session: Database, snapshot: string): Promise<void> {
  await session.rows('begin isolation level repeatable read, read only')
  try {
    await session.rows(`set transaction snapshot '${snapshot.replaceAll("'", "''")}'`)
  } catch (error) {
    if (sqlState(error) === undefined) throw error
    throw new QuaysideError(`database ${session.name}: its snapshot is gone: ${messageOf(error)}`, {
      hint: 'the session that held it has ended: was the server restarted?',
      cause: error,
    })
  }
  await holdTables(session, await lockableTables(session))
}

async function read(sessions: readonly Database[]): Promise<Catalog> {
  const [first] = sessions
  if (first === undefined) throw new TypeError('no session')
  const about = await aboutOf(first)
  const extensions = await first.rows<{ name: string; version: string }>(
    'select extname as name, extversion as version from pg_extension order by extname collate "C"',
  )
  const sequences = await sequencesOf(first)
  const objects = await objectsOf(first)
  const sources = await tablesOf(first)
  const tables: TablePart[] = []
  let largeObjects: Catalog['largeObjects'] | undefined
  const jobs = [
    ...sources.map(
      (source) => async (session: Database) => void tables.push(await readTable(session, source)),
    ),
    async (session: Database) => {
      largeObjects = await largeObjectsOf(session)
    },
  ]
  await shared(sessions, jobs)
  if (largeObjects === undefined) throw new TypeError('large objects were not read')
  return {
    ...about,
    extensions: [...extensions],
    tables: tables.sort((a, b) => order(a.schema, b.schema) || order(a.name, b.name)),
    sequences: [...sequences],
    objects: [...objects],
    largeObjects,
  }
}

async function aboutOf(session: Database) {
  type About = Pick<Catalog, 'owner' | 'encoding' | 'collate' | 'ctype'> & {
    bytes: string
    locale: string | null
  }
  // Through JSON, for columns that not every version has.
  const [row] = await session.rows<About>(
    `select pg_get_userbyid(datdba) as owner, pg_encoding_to_char(encoding) as encoding,
            datcollate as collate, datctype as ctype, pg_database_size(oid)::text as bytes,
            case to_jsonb(d) ->> 'datlocprovider' when 'i' then 'icu:' when 'b' then 'builtin:' end
              || coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') as locale
       from pg_database d where datname = current_database()`,
  )
  if (row === undefined) throw new QuaysideError(`database ${session.name} is gone`)
  const { bytes, locale, ...about } = row
  return { ...about, bytes: Number(bytes), ...(locale === null ? {} : { locale }) }
}

async function readTable(session: Database, source: TableSource): Promise<TablePart> {
  const { schema, name, kind } = source
  if (!source.populated) return { schema, name, kind, rows: 0, hash: unpopulated }
  try {
    const [row] = await session.rows<{ rows: string; hash: string }>(hashQuery(source))
    if (row === undefined) throw new TypeError('no row')
    return { schema, name, kind, rows: Number(row.rows), hash: row.hash }
  } catch (error) {
    if (sqlState(error) === undefined) throw error
    throw new QuaysideError(
      `database ${session.name}: ${kind} ${qualified(source)} cannot be read: ${messageOf(error)}`,
      { cause: error },
    )
  }
}

/** in the place of a hash: a materialized view WITH NO DATA */
export const unpopulated = 'unpopulated'

/** Each session takes one job after another; the first failure keeps the others from beginning anything more. */
async function shared(
  sessions: readonly Database[],
  jobs: readonly ((session: Database) => Promise<void>)[],
): Promise<void> {
  const left = [...jobs]
  await Promise.all(
    sessions.map(async (session) => {
      try {
        for (let job = left.shift(); job !== undefined; job = left.shift()) await job(session)
      } catch (error) {
        left.length = 0
        throw error
      }
    }),
  )
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
