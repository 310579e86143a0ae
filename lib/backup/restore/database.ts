import { setTimeout as sleep } from 'node:timers/promises'
import { QuaysideError } from '../../error.ts'
import { type Database, openDatabase, type Server } from '../../postgres/database.ts'
import { type Catalog, catalogOf } from '../postgres/catalog.ts'
import { compareCatalogs, type Difference } from '../postgres/compare.ts'
import { loadSettings } from '../postgres/load-settings.ts'
import { together } from '../together.ts'
import { type Marked, makeBeside, markedDatabases, markSql } from './beside.ts'
import { headFile, type Load, loadRest } from './dump.ts'
import type { Mark } from './mark.ts'
import type { Origin, Wished } from './origin.ts'
import { applyProperties } from './properties.ts'
import { whileRoom } from './room.ts'
import { loadAllRows, putList } from './rows.ts'
import { type Entry, isWanted, listOf, type Wanted } from './toc.ts'
import type { Tools } from './tools.ts'

/** One database that is to be restored beside. */
export interface DatabaseJob {
  readonly part: Wished
  /** the database to be made */
  readonly into: string
  /** number of it in this run: names its files in the container */
  readonly index: number
  readonly entries: readonly Entry[]
  /** all of it unless told */
  readonly wanted?: Wanted | undefined
  /** whether it gets what hung on it when it was backed up: limits, privileges, settings */
  readonly properties: boolean
  /** SQL that is run in it once it is verified */
  readonly scrub: readonly string[]
  /** sessions that build indexes, and that count */
  readonly jobs: number
}

/** How a restore beside went. Times are milliseconds. */
export interface Restored {
  readonly name: string
  readonly tables: number
  readonly rows: number
  /** versions of extensions that are not the origin's, and what of it the server would not take */
  readonly notes: readonly string[]
  readonly rowsMs: number
  /** indexes and constraints, of which `vectors` are listed each by itself */
  readonly indexesMs: number
  readonly verifyMs: number
  readonly vectors: readonly { readonly index: string; readonly ms: number }[]
}

/**
 * Restores one database beside, and holds every table, sequence and extension of it against what it is to be. Whatever
 * goes wrong before that is known, what was made is dropped; what is whole but differs is kept, and marked so.
 */
export async function restoreDatabase(tools: Tools, origin: Origin, job: DatabaseJob): Promise<Restored> {
  const server = await tools.server()
  await using admin = await openDatabase(server, 'postgres', { purpose: 'restore' })
  const mark: Mark = {
    state: 'building',
    of: job.part.name,
    backup: origin.id,
    run: tools.run,
    at: new Date().toISOString(),
    whole: job.wanted === undefined,
  }
  const { into, part } = job
  await makeBeside(admin, into, part, mark)
  try {
    const restored = await whileRoom(server, admin, tools.signal, (signal) =>
      fill({ ...tools, signal }, origin, server, admin, job),
    )
    const began = performance.now()
    const [differences] = await together(tools.signal, [
      (signal) => differencesOf({ ...tools, signal }, server, job),
      // What is scrubbed is analyzed after that.
      ...(job.scrub.length === 0 ? [(signal: AbortSignal) => analyze(server, into, signal)] : []),
    ] as const)
    const { faults, notes } = judged(differences)
    const verifyMs = performance.now() - began
    if (faults.length > 0) {
      await admin.rows(markSql(into, { ...mark, state: 'differs' }))
      throw new Differs(into, origin.title, faults)
    }
    if (job.scrub.length > 0) await scrub(server, job)
    const hung = job.properties
      ? await applyProperties(admin, server, headFile(tools, job.index), { from: part.name, to: into })
      : { notes: [], comment: undefined }
    tools.signal.throwIfAborted()
    const { comment } = hung
    await admin.rows(
      markSql(into, { ...mark, state: 'ready', ...(comment === undefined ? {} : { comment }) }),
    )
    return { ...restored, notes: [...notes, ...hung.notes], verifyMs }
  } catch (error) {
    if (!(error instanceof Differs)) await dropOwn(server, into, tools.run)
    throw error
  }
}

/** Restored, and not what it was to be. */
export class Differs extends QuaysideError {
  readonly differences: readonly Difference[]

  constructor(database: string, origin: string, differences: readonly Difference[]) {
    const shown = differences.slice(0, 20).map(({ what, text }) => `  - ${what}: ${text}`)
    const more = differences.length > 20 ? [`  - and ${differences.length - 20} more`] : []
    super(`${database} is not what ${origin} held:\n${[...shown, ...more].join('\n')}`, {
      hint: `what serves was not touched; ${database} is kept to be looked at: restore.ts drop-beside removes it`,
    })
    this.differences = differences
  }
}

async function fill(tools: Tools, origin: Origin, server: Server, admin: Database, job: DatabaseJob) {
  const { part, into, index, entries, wanted, jobs } = job
  const { signal } = tools
  const load: Load = {
    container: server.container,
    database: into,
    settings: await loadSettings(admin),
    list: wanted && (await putList(tools, server, `${index}.list`, listOf(entries, wanted))),
  }
  let began = performance.now()
  tools.emit({ type: 'step', text: `${part.name}: rows into ${into}` })
  await loadAllRows(tools, origin, server, { name: part.name, index, wanted, jobs }, load)
  const rowsMs = performance.now() - began
  began = performance.now()
  tools.emit({ type: 'step', text: `${part.name}: indexes and constraints`, ms: rowsMs })
  const vectors = watchIndexes(admin, into)
  const running = await server.connection.start(loadRest({ ...load, jobs, head: headFile(tools, index) }), {
    title: `the indexes of ${into}`,
    signal,
  })
  running.stdin.end()
  try {
    for await (const _ of running.output()) {
      // it prints nothing; its end is what is waited for
    }
  } finally {
    await vectors.stop()
  }
  const rows = part.tables.filter((each) => wanted === undefined || isWanted(wanted, each))
  return {
    name: into,
    tables: rows.length,
    rows: rows.reduce((sum, each) => sum + each.rows, 0),
    rowsMs,
    indexesMs: performance.now() - began,
    vectors: vectors.seen(),
  }
}

/** Notes how long indexes of vectors are built, which takes longer than all else. */
function watchIndexes(admin: Database, database: string) {
  const seen = new Map<string, number>()
  let done = false
  const work = (async () => {
    while (!done) {
      const rows = await admin.rows<{ query: string; ms: number }>(
        `select query, extract(epoch from clock_timestamp() - query_start)::float8 * 1000 as ms from pg_stat_activity
          where datname = $1 and state = 'active' and query ~ '^CREATE INDEX .* USING (hnsw|ivfflat) '`,
        [database],
      )
      for (const { query, ms } of rows) {
        const [, name = ''] = /^CREATE INDEX (\S+) /.exec(query) ?? []
        seen.set(name, Math.max(ms, seen.get(name) ?? 0))
      }
      await sleep(300)
    }
  })()
  work.catch(() => {})
  return {
    async stop() {
      done = true
      await work.catch(() => {})
    },
    seen: () => [...seen].map(([index, ms]) => ({ index, ms })),
  }
}

async function differencesOf(tools: Tools, server: Server, job: DatabaseJob): Promise<readonly Difference[]> {
  const { part, into, wanted, jobs } = job
  const here = await catalogOf(server, into, { parallel: jobs, signal: tools.signal })
  if (wanted === undefined) return compareCatalogs(part, here)
  return compareCatalogs(partOf(part, wanted), partOf(here, wanted))
}

/** What is compared of a part: the rows of its tables. Sequences, large objects and constraints may have been left out. */
function partOf({ objects: _, ...all }: Catalog, wanted: Wanted): Catalog {
  const tables = all.tables.filter((each) => each.kind !== 'matview' && isWanted(wanted, each))
  return { ...all, tables, sequences: [], largeObjects: { count: 0, bytes: 0, hash: '' } }
}

/** A server may have another version of an extension than the backup's had, which is to be told, and no fault. */
export function judged(differences: readonly Difference[]): {
  readonly faults: readonly Difference[]
  readonly notes: readonly string[]
} {
  const isNote = ({ what, text }: Difference) => what.startsWith('extension ') && text.startsWith('version ')
  return {
    faults: differences.filter((each) => !isNote(each)),
    notes: differences.filter(isNote).map(({ what, text }) => `${what}: ${text}`),
  }
}

/** Scrubs what was verified. */
async function scrub(server: Server, job: DatabaseJob): Promise<void> {
  await using database = await openDatabase(server, job.into, { purpose: 'restore' })
  await database.rows('begin')
  for (const sql of job.scrub) await database.rows(sql)
  await database.rows('commit')
  await database.rows('analyze')
}

/** Lets the planner know what is there. */
async function analyze(server: Server, name: string, signal: AbortSignal): Promise<void> {
  await using database = await openDatabase(server, name, { purpose: 'restore', signal })
  await database.rows('analyze')
}

/** After a failure: over a session of its own, since the failure may be the session's. What cannot be dropped now is dropped by the next run. */
async function dropOwn(server: Server, into: string, run: string): Promise<void> {
  const { dropMarked } = await import('./beside.ts')
  try {
    await using admin = await openDatabase(server, 'postgres', { purpose: 'restore' })
    const own = (each: Marked) =>
      each.name === into && each.mark.run === run && each.mark.state === 'building'
    for (const each of (await markedDatabases(admin)).filter(own)) await dropMarked(admin, each)
  } catch {
    // the failure that led here is what is told
  }
}
