import pg from 'pg'

/** The SQLSTATE of what a server answered instead of rows; undefined for any other error. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined
}
