import { openDatabase, type Server } from '../../postgres/database.ts'
import { dumpsOf, type Manifest, type ObjectEntry } from '../manifest.ts'
import { exists, markedDatabases } from './beside.ts'
import { serverFaults } from './checks.ts'
import type { Choice, DatabaseChoice, Heads } from './choice.ts'
import { headFile } from './dump.ts'
import { inspectServer, NotPossible, objectFaults, readHead, tried } from './inspect.ts'
import { besideName } from './names.ts'
import { backupOrigin, type Origin } from './origin.ts'
import type { Entry } from './toc.ts'
import type { Source, Tools } from './tools.ts'
import { hostOf } from './volume.ts'

/** Finds every reason why a restore of a backup would fail, before anything is begun. Throws NotPossible with all of them. */
export async function check(tools: Tools, source: Source, choice: Choice): Promise<Heads> {
  const { manifest, folder } = source
  const missing = await tried(() => objectFaults(tools, folder, wantedObjects(manifest, choice)))
  const faults = [...missing]
  if (choice.redis && manifest.redis === undefined) faults.push('there is no Redis in it')
  if (choice.volumes)
    for (const part of manifest.volumes)
      faults.push(
        ...(await tried(async () => {
          hostOf(tools, part)
          return []
        })),
      )
  return checkDatabases(tools, backupOrigin(tools, source), choice, {
    faults,
    readable: missing.length === 0,
  })
}

/** The same of its databases alone, besides faults that are known already. */
export async function checkDatabases(
  tools: Tools,
  origin: Origin,
  choice: DatabaseChoice,
  before: { readonly faults: readonly string[]; readonly readable: boolean } = { faults: [], readable: true },
): Promise<Heads> {
  const { databases, globals, wanted } = choice
  const faults = [...before.faults]
  const heads: (readonly Entry[])[] = []
  if (databases.length > 0 || globals) {
    const server = await tools.server()
    const demand = {
      databases: wanted === undefined ? databases : databases.map((each) => ({ ...each, bytes: 0 })),
      globals,
    }
    const names = databases.map(({ name }) => intoName(name, origin.id, choice))
    // Each of these waits for programs in the container to start, so they wait at the same time.
    const found = await Promise.all([
      tried(async () => serverFaults(origin.version, await inspectServer(server), demand)),
      tried(() => nameFaults(server, names)),
      ...(before.readable ? databases : []).map(({ name }, index) =>
        tried(async () => {
          heads[index] = await readHead(tools, origin, server, name, headFile(tools, index))
          return []
        }),
      ),
    ])
    faults.push(...found.flat())
  }
  if (faults.length > 0) throw new NotPossible(origin.title, faults)
  return heads
}

function wantedObjects(manifest: Manifest, choice: Choice): readonly ObjectEntry[] {
  const { databases, globals, redis, volumes } = choice
  const named = new Set(databases.map(({ name }) => name))
  const parts = manifest.postgres?.databases.filter(({ name }) => named.has(name)) ?? []
  return [
    ...parts.flatMap(dumpsOf),
    ...(globals && manifest.postgres !== undefined ? [manifest.postgres.globals] : []),
    ...(redis && manifest.redis !== undefined ? [manifest.redis.object] : []),
    ...(volumes ? manifest.volumes.map((each) => each.object) : []),
  ]
}

/** Which of the names that databases would get are taken, and by what. */
export async function nameFaults(server: Server, names: readonly string[]): Promise<readonly string[]> {
  await using admin = await openDatabase(server, 'postgres', { purpose: 'restore' })
  const marked = await markedDatabases(admin)
  const faults: string[] = []
  for (const into of names) {
    if (!(await exists(admin, into))) continue
    const state = marked.find((each) => each.name === into)?.mark.state
    const what = {
      ready: 'restored, to be swapped',
      differs: 'restored, but differs from its origin',
      before: '',
    }
    faults.push(
      state === undefined || state === 'building' || state === 'before'
        ? `there is a database ${into} already, which no restore made: give another name by --as`
        : `there is a database ${into} already (${what[state]}): restore.ts swap puts it in place, drop-beside removes it`,
    )
  }
  return faults
}

/** The database that one is restored into. */
export function intoName(database: string, origin: string, { as }: Pick<DatabaseChoice, 'as'>): string {
  return as ?? besideName(database, origin)
}
