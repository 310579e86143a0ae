import { type Connection, openConnection } from '../../../lib/connection/index.ts'
import { openDatabase, type Server } from '../../../lib/postgres/database.ts'
import { identifier } from '../../../lib/postgres/identifier.ts'
import { targetLike } from '../../target.ts'
import { labTarget } from '../lab-host.ts'

/** The lab's database server; with QUAYSIDE_TEST_PG, a container of this machine's own engine. Whoever asks closes the connection. */
export async function postgresServer(): Promise<Server & { readonly connection: Connection }> {
  const container = process.env.QUAYSIDE_TEST_PG
  return container === undefined
    ? { connection: await openConnection(labTarget('db-1')), container: 'postgres' }
    : { connection: await openConnection(targetLike()), container }
}

/** Runs SQL, one statement or many, as the administrator. */
export async function runSql(server: Server, database: string, sql: string): Promise<void> {
  await using session = await openDatabase(server, database, { purpose: 'test' })
  await session.rows(sql)
}

/** Removes databases with whoever is in them. */
export async function dropDatabases(server: Server, names: readonly string[]): Promise<void> {
  for (const name of names)
    await runSql(server, 'postgres', `drop database if exists ${identifier(name)} with (force)`)
}
