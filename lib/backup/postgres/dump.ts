import { qualified } from '../../postgres/identifier.ts'
import { type Script, sh } from '../../script/index.ts'
import { packed } from './packed.ts'
import type { TableName } from './share-out.ts'
import { conninfo } from './tool.ts'

/**
 * Writes a database to standard output, in pg_dump's own form, compressed by zstd: that does it better. As of a snapshot
 * where one is given, else as of now. Without the rows of tables that are dumped apart.
 */
export function dumpScript(
  container: string,
  database: string,
  snapshot?: string,
  apart: readonly TableName[] = [],
): Script {
  const without = apart.map((table) => `--exclude-table-data=${qualified(table)}`)
  return packed(container, 'pg_dump', sh`${[...dumpWords(database, snapshot), ...without]}`)
}

/** The rows of some tables alone, compressed as well. */
export function rowsScript(
  container: string,
  database: string,
  snapshot: string,
  tables: readonly TableName[],
): Script {
  const these = tables.map((table) => `--table=${qualified(table)}`)
  return packed(
    container,
    'pg_dump',
    sh`${[...dumpWords(database, snapshot), '--data-only', '--strict-names', ...these]}`,
  )
}

/** The first so many bytes of that, compressed. It is the container that cuts it off: `docker exec` does not end what nobody reads any more. */
export function dumpHeadScript(container: string, database: string, bytes: number): Script {
  return packed(
    container,
    'sh',
    sh`-c ${`"$@" | head -c ${bytes}`} sh pg_dump ${dumpWords(database, undefined)}`,
  )
}

function dumpWords(database: string, snapshot: string | undefined): readonly string[] {
  return [
    ...['--format=custom', '--compress=0', '--no-password', '--lock-wait-timeout=30s'],
    ...(snapshot === undefined ? [] : [`--snapshot=${snapshot}`]),
    `--dbname=${conninfo(database)}`,
  ]
}

/** Writes roles with their passwords' hashes, tablespaces and grants to standard output, as SQL, compressed. */
export function globalsScript(container: string): Script {
  return packed(
    container,
    'pg_dumpall',
    sh`--globals-only --no-password ${`--dbname=${conninfo('postgres')}`}`,
  )
}
