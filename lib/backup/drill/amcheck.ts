import type { Connection } from '../../connection/index.ts'
import type { Database } from '../../postgres/database.ts'
import { raw, sh } from '../../script/index.ts'
import { conninfo, inContainer } from '../postgres/tool.ts'
import type { Found } from './steps.ts'

/**
 * Lets PostgreSQL's own checker read every table and B-tree index of a database, and compare the one with the other.
 * Where the image lacks it nothing was proved, and the verdict is not ok.
 */
export async function amcheck(
  connection: Connection,
  container: string,
  database: Database,
  { jobs, signal }: { readonly jobs: number; readonly signal: AbortSignal },
): Promise<Found> {
  const [there] = await database.rows<{ there: boolean }>(
    `select exists (select from pg_available_extensions where name = 'amcheck') as there`,
  )
  if (there?.there !== true) return lacking('the extension amcheck')
  await database.rows('create extension if not exists amcheck')
  const words = ['--heapallindexed', '--parent-check', `--jobs=${jobs}`, '--no-password']
  const check = inContainer(container, 'pg_amcheck', sh`${words} ${conninfo(database.name)}`)
  const running = await connection.start(sh`${check}${raw(' 2>&1')}`, {
    title: `pg_amcheck of ${database.name}`,
    signal,
  })
  running.stdin.end()
  let said = ''
  for await (const chunk of running.stdout.setEncoding('utf8'))
    said = (said + String(chunk)).slice(0, 100_000)
  const { code } = await running.ended
  if (code === 126 || code === 127) return lacking('pg_amcheck')
  if (code === 0) return { text: 'pg_amcheck finds nothing wrong' }
  const lines = said
    .trim()
    .split('\n')
    .filter((line) => line.trim() !== '')
  return {
    text: `pg_amcheck ended with ${code}`,
    problems: lines.length > 0 ? lines : ['it did not say what is wrong'],
  }
}

function lacking(what: string): Found {
  return {
    text: 'not available',
    problems: [`the image lacks ${what}: nothing was checked; take one with PostgreSQL's contrib modules`],
  }
}
