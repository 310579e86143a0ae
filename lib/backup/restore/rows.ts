import { QuaysideError } from '../../error.ts'
import { openDatabase, type Server } from '../../postgres/database.ts'
import { together } from '../together.ts'
import { headFile, headFolder, type Load, loadRows, loadTables, writeList } from './dump.ts'
import { emptyTables } from './frozen.ts'
import { readHead } from './inspect.ts'
import type { Origin } from './origin.ts'
import { pourAll } from './pour.ts'
import { isWanted, listOf, type Wanted } from './toc.ts'
import type { Tools } from './tools.ts'

/** Whose rows are to be loaded. */
export interface RowsJob {
  /** of the database, where it comes from */
  readonly name: string
  /** number of it in this run: names its files in the container */
  readonly index: number
  /** all of it unless told */
  readonly wanted?: Wanted | undefined
  /** sessions that load at once, where there are several dumps */
  readonly jobs: number
}

/** A list for pg_restore, in the container; its path there. */
export async function putList(
  tools: Pick<Tools, 'run'>,
  server: Server,
  name: string,
  list: string,
): Promise<string> {
  const file = `${headFolder(tools.run)}/${name}`
  const { code, stderr } = await server.connection.run(writeList(server.container, file, list))
  if (code !== 0) throw new QuaysideError(`${server.connection.name}: ${file}: ${stderr.trim()}`)
  return file
}

/** Tables, and then their rows: of several dumps, as many at once as there are to be jobs. */
export async function loadAllRows(
  tools: Tools,
  origin: Origin,
  server: Server,
  { name, index, wanted, jobs }: RowsJob,
  load: Load,
): Promise<void> {
  const title = `the restore of ${load.database}`
  const { script, input } = origin.dump(name)
  const apart = [...origin.apart(name).entries()].filter(
    ([, { tables }]) => wanted === undefined || tables.some((each) => isWanted(wanted, each)),
  )
  const head = headFile(tools, index)
  const { code, stderr } = await server.connection.run(loadTables({ ...load, head }), {
    timeoutSeconds: 3600,
  })
  if (code !== 0) throw new QuaysideError(`${title}: ${stderr.trim()}`)
  const empty = await putList(tools, server, `${index}.empty`, await emptyOf(server, load.database))
  const works = [
    async (signal: AbortSignal) =>
      pourAll(server.connection, loadRows(script, { ...load, empty }), await input(), { title, signal }),
    ...apart.map(([at, each]) => async (signal: AbortSignal) => {
      const own = { ...load, empty }
      if (wanted !== undefined) {
        const file = `${head}.${at}`
        const list = listOf(await readHead({ signal }, origin, server, name, file, each.dump), wanted)
        own.list = await putList(tools, server, `${index}.${at}.list`, list)
      }
      const rows = loadRows(each.dump.script, own)
      await pourAll(server.connection, rows, await each.dump.input(), { title, signal })
    }),
  ]
  const worker = async (signal: AbortSignal) => {
    for (let work = works.shift(); work !== undefined && !signal.aborted; work = works.shift())
      await work(signal)
  }
  await together(
    tools.signal,
    Array.from({ length: Math.min(jobs, works.length) }, () => worker),
  )
}

async function emptyOf(server: Server, name: string): Promise<string> {
  await using database = await openDatabase(server, name, { purpose: 'restore' })
  return await emptyTables(database)
}
