import type { Connection } from '../../connection/index.ts'
import { sh } from '../../script/index.ts'

/** Has the archiver of a host forget what it gave up before a base backup was begun: from then on nothing needs it. */
export async function forgetGaps(connection: Connection, before: Date): Promise<void> {
  const folder = '/var/lib/quayside/wal/gaps'
  await connection.run(
    sh`[ ! -d ${folder} ] || find ${folder} -type f ! -newermt ${before.toISOString()} -delete`,
  )
}
