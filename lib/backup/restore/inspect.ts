import { messageOf, QuaysideError } from '../../error.ts'
import { type Database, openDatabase, type Server } from '../../postgres/database.ts'
import { type Script, sh } from '../../script/index.ts'
import type { ObjectEntry } from '../manifest.ts'
import { readToolVersion, serverVersion, toolVersionScript } from '../postgres/version.ts'
import type { ServerFacts } from './checks.ts'
import { keepHead } from './dump.ts'
import type { Origin, Written } from './origin.ts'
import { pour } from './pour.ts'
import { type Entry, entriesOf } from './toc.ts'
import type { Tools } from './tools.ts'

/** Looks at a server, and changes nothing. */
export async function inspectServer(server: Server): Promise<ServerFacts> {
  await using admin = await openDatabase(server, 'postgres', { purpose: 'restore' })
  const [version, available, roles, directory] = [
    await serverVersion(admin),
    await admin.rows<{ name: string; version: string }>(
      'select name, version from pg_available_extension_versions',
    ),
    await admin.rows<{ rolname: string }>('select rolname from pg_roles'),
    await dataDirectory(admin),
  ]
  const extensions = new Map<string, string[]>()
  for (const each of available)
    extensions.set(each.name, [...(extensions.get(each.name) ?? []), each.version])
  const ask = async (script: Script) => (await server.connection.run(script)).stdout
  const df = await ask(sh`docker exec ${server.container} df -Pk ${directory}`)
  return {
    version,
    tool: readToolVersion(await ask(toolVersionScript(server.container, 'pg_restore'))) ?? '',
    extensions,
    roles: new Set(roles.map(({ rolname }) => rolname)),
    locales: (await ask(sh`docker exec ${server.container} locale -a 2>/dev/null`)).split('\n'),
    free: Number(df.trim().split('\n').at(-1)?.split(/\s+/)[3] ?? 0) * 1024,
  }
}

async function dataDirectory(admin: Database): Promise<string> {
  const [row] = await admin.rows<{ setting: string }>(
    `select setting from pg_settings where name = 'data_directory'`,
  )
  return row?.setting ?? '/var/lib/postgresql/data'
}

/** Which of a backup's objects are missing, or have another size than they had. */
export async function objectFaults(
  { store }: Pick<Tools, 'store'>,
  folder: string,
  objects: readonly ObjectEntry[],
): Promise<readonly string[]> {
  const found = await Promise.all(
    objects.map(async ({ key, size }) => {
      const there = await store.stat(`${folder}${key}`)
      if (there === undefined) return [`${key} is not in ${store.name}`]
      return there.size === size ? [] : [`${key} has ${there.size} bytes in ${store.name}, and had ${size}`]
    }),
  )
  return found.flat()
}

/** Has the server's own pg_restore read the beginning of a dump, and keeps that: gives what it lists. */
export async function readHead(
  { signal }: Pick<Tools, 'signal'>,
  origin: Origin,
  server: Server,
  database: string,
  file: string,
  { script, input }: Written = origin.head(database),
): Promise<readonly Entry[]> {
  const { code, stdout, stderr } = await pour(
    server.connection,
    keepHead(script, server.container, file),
    await input(),
    { title: `the look at ${database}`, signal },
  )
  if (code !== 0)
    throw new QuaysideError(
      `pg_restore cannot read ${database} of ${origin.title}: ${stderr.trim().split('\n').at(-1)}`,
      { hint: 'it was written by a newer pg_dump, or it is no dump: backup.ts verify tells' },
    )
  return entriesOf(stdout)
}

/** What checks have to say, in one error. */
export class NotPossible extends QuaysideError {
  readonly faults: readonly string[]

  /** `what` cannot be restored: "backup 2026…" */
  constructor(what: string, faults: readonly string[]) {
    super(`${what} cannot be restored here:\n${faults.map((each) => `  - ${each}`).join('\n')}`, {
      hint: 'nothing was begun',
    })
    this.faults = faults
  }
}

/** The word of a check that throws, as one of many. */
export async function tried(check: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await check()
  } catch (error) {
    return [messageOf(error)]
  }
}
