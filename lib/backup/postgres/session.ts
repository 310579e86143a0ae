import { type Database, openDatabase, type Server } from '../../postgres/database.ts'

/**
 * What a session that reads a whole database must not inherit from a role, a database or a configuration: limits that would
 * end it, and whatever changes the text that a value is written as.
 */
const settings: Readonly<Record<string, string>> = {
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
  transaction_timeout: '0',
  // a server whose reader is gone stops working for it
  client_connection_check_interval: '5s',
  row_security: 'off',
  search_path: '',
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  extra_float_digits: '3',
  bytea_output: 'hex',
  lc_monetary: 'C',
  quote_all_identifiers: 'off',
  // one short plan after another: compiling them costs more than it saves
  jit: 'off',
}

/** A session that reads a whole database: nothing cuts it short, and every value has one text, whatever the server is set to. */
export async function openReader(
  server: Server,
  database: string,
  { purpose, signal }: { readonly purpose: string; readonly signal?: AbortSignal },
): Promise<Database> {
  const session = await openDatabase(server, database, {
    purpose,
    ...(signal === undefined ? {} : { signal }),
  })
  try {
    // Those that this version of the server has.
    await session.rows(
      `select set_config(s.name, given.value, false)
         from unnest($1::text[], $2::text[]) as given(name, value) join pg_settings s on s.name = given.name`,
      [Object.keys(settings), Object.values(settings)],
    )
  } catch (error) {
    await session.close()
    throw error
  }
  return session
}
