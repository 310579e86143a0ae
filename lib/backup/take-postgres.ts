import { DatabaseError, escapeLiteral } from 'pg'
import { messageOf } from '../error.ts'
import { type Database, openDatabase, type Server } from '../postgres/database.ts'
import { type Script, sh } from '../script/index.ts'
import type { DatabasePart, ObjectEntry, PostgresPart } from './manifest.ts'
import { objectKeys } from './object-keys.ts'
import { catalogOf } from './postgres/catalog.ts'
import { dumpScript, globalsScript, rowsScript } from './postgres/dump.ts'
import { dumpsGiveWay } from './postgres/give-way.ts'
import { shareOut } from './postgres/share-out.ts'
import { openSnapshot, type Snapshot } from './postgres/snapshot.ts'
import { tablesOf } from './postgres/tables.ts'
import { conninfo, inContainer } from './postgres/tool.ts'
import { type Shipping, ship } from './ship.ts'
import { together } from './together.ts'

/**
 * Every database, each from one snapshot that its dump and the count of its rows share. All snapshots are opened
 * before the first dump begins, so that databases are of one moment, as nearly as PostgreSQL lets them be.
 */
export async function takePostgres(shipping: Shipping): Promise<PostgresPart> {
  const { place, signal } = shipping
  const { plan, emit } = place
  const server = await place.server()
  await endDumps(server, plan.databases)
  const open: Snapshot[] = []
  let well = false
  try {
    for (const name of plan.databases)
      open.push(await openSnapshot(server, name, { purpose: 'snapshot', signal }))
    const [first] = open
    if (first === undefined) throw new TypeError('no database is to be backed up')
    const migration = await migrationLevel(shipping, first.database)
    const { object: globals } = await ship(shipping, {
      host: plan.db,
      title: 'roles and grants',
      key: objectKeys.globals,
      script: globalsScript(server.container),
      packed: true,
    })
    const databases: DatabasePart[] = []
    for (const snapshot of open) {
      const part = await takeDatabase(shipping, snapshot)
      const level = snapshot === first && migration !== undefined ? { migration } : {}
      databases.push({ ...part, ...level })
      await snapshot.close()
    }
    const rows = databases.flatMap((each) => each.tables).reduce((sum, each) => sum + each.rows, 0)
    emit({ type: 'note', host: plan.db.name, text: `counted ${rows} rows, as of ${first.at}` })
    const [snapshotAt = first.at] = open.map((each) => each.at).sort()
    well = true
    return { host: plan.db.name, version: first.version, snapshotAt, globals, databases }
  } finally {
    await Promise.allSettled(open.map((each) => each.close()))
    if (!well) await endDumps(server, plan.databases).catch(() => {}) // what failed is told; the next run ends them, too
  }
}

/** Its dumps and the count at the same time; all give way to what the server serves. */
async function takeDatabase(shipping: Shipping, snapshot: Snapshot): Promise<DatabasePart> {
  const { place } = shipping
  const { name } = snapshot.database
  const server = await place.server()
  const { backup_dumps } = place.plan.settings
  const shared = backup_dumps === 1 ? [] : await sharedOut(snapshot.database, backup_dumps)
  const whole = dumpScript(server.container, name, snapshot.id, shared.flat())
  await using admin = await openDatabase(server, 'postgres', { purpose: 'giving way' })
  const [object, apart, catalog] = await together(shipping.signal, [
    (signal) => dump(signal, `database ${name}`, objectKeys.database(name), whole),
    (signal) =>
      together(
        signal,
        shared.map((tables, index) => async (each: AbortSignal) => {
          const [title, key] = [`rows of ${name}, ${index + 1}`, objectKeys.rows(name, index + 1)]
          const script = rowsScript(server.container, name, snapshot.id, tables)
          return { object: await dump(each, title, key, script), tables: [...tables] }
        }),
      ),
    (signal) => catalogOf(server, name, { snapshot: snapshot.id, serving: true, signal }),
    (signal) => dumpsGiveWay(server, admin, name, 1 + shared.length, signal),
  ] as const)
  const sequences = await snapshot.sequences()
  return { name, object, ...(apart.length === 0 ? {} : { apart: [...apart] }), ...catalog, sequences }

  async function dump(signal: AbortSignal, title: string, key: string, script: Script): Promise<ObjectEntry> {
    const guarded = dumpOrEnd(server.container, name, script)
    const cargo = { host: place.plan.db, title, key, script: guarded, packed: true }
    return (await ship({ ...shipping, signal }, cargo)).object
  }
}

async function sharedOut(database: Database, dumps: number) {
  const [row] = await database.rows<{ bytes: string }>(
    `select pg_relation_size('pg_catalog.pg_largeobject') as bytes`,
  )
  return shareOut(await tablesOf(database), dumps, Number(row?.bytes ?? 0))
}

const endThem = (databases: readonly string[]) =>
  `select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'quayside backup' and pid <> pg_backend_pid()
      and datname in (${databases.map((each) => escapeLiteral(each)).join(', ')})`

/** A dump that the host itself ends when its reader has gone: we were killed, or cut off, and cannot. */
function dumpOrEnd(container: string, database: string, dump: Script): Script {
  const end = inContainer(
    container,
    'psql',
    sh`--quiet ${`--dbname=${conninfo('postgres')}`} --command=${endThem([database])}`,
  )
  return sh`${dump}
code=$?
[ "$code" = 0 ] || ${end} </dev/null >/dev/null 2>&1
(exit "$code")`
}

/**
 * Ends dumps that nobody reads any more: `docker exec` does not end what it started when it is killed itself. Whoever
 * calls it holds the lock, so that no other run's dump is meant; restores go on in databases of other names.
 */
async function endDumps(server: Server, databases: readonly string[]): Promise<void> {
  const database = await openDatabase(server, 'postgres', { purpose: 'cleaning' })
  try {
    await database.rows(endThem(databases))
  } finally {
    await database.close()
  }
}

/** How far the app's schema has come, in its own word. A query that fails is told of, and costs no backup. */
async function migrationLevel({ place }: Shipping, database: Database): Promise<string | undefined> {
  const query = place.plan.settings.backup_migration_query
  if (query === undefined) return undefined
  await database.rows('savepoint migration')
  try {
    // Names are meant as the app means them; the session itself has no search path.
    await database.rows('set local search_path to default')
    const [row] = await database.rows<Record<string, unknown>>(query)
    const [value] = Object.values(row ?? {})
    return value === null || value === undefined ? undefined : String(value)
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error
    place.emit({
      type: 'note',
      host: place.plan.db.name,
      text: `backup_migration_query failed, so the backup will not say its migration level: ${messageOf(error)}`,
    })
    return undefined
  } finally {
    if (!place.signal.aborted) await database.rows('rollback to savepoint migration')
  }
}
