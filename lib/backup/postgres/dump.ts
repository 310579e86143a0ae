import { type Script, sh } from '../../script/index.ts'
import { conninfo, inContainer } from './tool.ts'

/** Writes a database as of a snapshot to standard output, in pg_dump's own form and not compressed: zstd does that better. */
export function dumpScript(container: string, database: string, snapshot: string): Script {
  return inContainer(
    container,
    'pg_dump',
    sh`--format=custom --compress=0 --no-password --lock-wait-timeout=30s`,
    sh`${`--snapshot=${snapshot}`} ${`--dbname=${conninfo(database)}`}`,
  )
}

/** Writes roles with their passwords' hashes, tablespaces and grants to standard output, as SQL. */
export function globalsScript(container: string): Script {
  return inContainer(
    container,
    'pg_dumpall',
    sh`--globals-only --no-password ${`--dbname=${conninfo('postgres')}`}`,
  )
}
