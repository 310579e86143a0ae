import { QuaysideError } from '../../error.ts'
import type { Database } from '../../postgres/database.ts'
import { type Script, sh } from '../../script/index.ts'
import { inContainer } from './tool.ts'

/** What `pg_restore --list` says about a dump before its contents. */
export interface ArchiveHeader {
  /** name of the database that was dumped */
  readonly database: string
  /** of the server it came from: "15.4" */
  readonly server: string
  /** of the pg_dump that wrote it */
  readonly tool: string
}

/** Version of the server: "15.4". */
export async function serverVersion(database: Database): Promise<string> {
  const [row] = await database.rows<{ version: string }>(
    `select split_part(current_setting('server_version'), ' ', 1) as version`,
  )
  return row?.version ?? ''
}

/** Prints the version of a client program in a container, for `readToolVersion`. */
export function toolVersionScript(container: string, program: 'pg_dump' | 'pg_restore'): Script {
  return inContainer(container, program, sh`--version`)
}

/** "15.4" of "pg_dump (PostgreSQL) 15.4 (Debian 15.4-1)"; undefined where it says something else. */
export function readToolVersion(text: string): string | undefined {
  return /^\w+ \(PostgreSQL\) (\d+\S*)/m.exec(text)?.[1]
}

/** Undefined where the text is no list of a dump. */
export function readArchiveHeader(list: string): ArchiveHeader | undefined {
  const field = (name: string) => new RegExp(`^;\\s+${name}: (.*?)\\s*$`, 'm').exec(list)?.[1]
  const [database, server, tool] = [
    field('dbname'),
    field('Dumped from database version'),
    field('Dumped by pg_dump version'),
  ]
  if (database === undefined || server === undefined || tool === undefined) return undefined
  const [first = ''] = server.split(' ')
  const [second = ''] = tool.split(' ')
  return { database, server: first, tool: second }
}

/** 15 of "15.4" or "15beta2". */
export function majorOf(version: string): number {
  return Number.parseInt(version, 10)
}

/** Refuses, before anything is begun, what is sure to fail half-way: an older program or an older server than the dump's. */
export function refuseOlder(
  dump: { readonly server: string; readonly tool: string },
  here: { readonly server: string; readonly tool: string },
): void {
  const hint = `restore it into PostgreSQL ${majorOf(dump.server)} or newer`
  if (majorOf(here.tool) < majorOf(dump.tool))
    throw new QuaysideError(
      `the dump was written by pg_dump ${dump.tool}, which pg_restore ${here.tool} cannot read`,
      { hint },
    )
  if (majorOf(here.server) < majorOf(dump.server))
    throw new QuaysideError(
      `the dump is of PostgreSQL ${dump.server}, and the server here is ${here.server}`,
      { hint },
    )
}
