import type { Readable } from 'node:stream'
import type { Connection } from '../../connection/index.ts'
import type { Database } from '../../postgres/database.ts'
import { identifier, literal } from '../../resource/postgres.ts'
import { piped, raw, type Script, sh } from '../../script/index.ts'
import type { DatabasePart } from '../manifest.ts'
import { unpacked } from '../postgres/packed.ts'
import { restoreScript } from '../postgres/restore.ts'
import { conninfo, inContainer } from '../postgres/tool.ts'

/** How long one of a dump's parts took to restore: "INDEX", "items_embedding_idx". */
export interface Restored {
  readonly kind: string
  readonly name: string
  readonly ms: number
}

/**
 * Applies roles and their settings, from SQL on standard input, compressed. The administrator is there already, and tablespaces
 * are folders of another machine: what lay in one goes to the default.
 */
export function applyGlobals(container: string): Script {
  const psql = sh`-X -q -o /dev/null -v ON_ERROR_STOP=1 ${`--dbname=${conninfo('postgres')}`}`
  return piped(
    sh`zstd -dq`,
    sh`sed -E ${'/^CREATE ROLE postgres;$/d; /^(CREATE|ALTER) TABLESPACE /d; /^(GRANT|REVOKE) .* ON TABLESPACE /d'}`,
    // Docker says there why it could not start a program, where that would have written.
    sh`${inContainer(container, 'psql', psql)} >&2`,
  )
}

/** Makes the database that a dump is restored into, as the one was that it came from. */
export async function createDatabase(server: Database, part: DatabasePart): Promise<void> {
  const { name, owner, encoding, collate, ctype } = part
  const there = await server.rows('select from pg_database where datname = $1', [name])
  if (there.length > 0) return
  await server.rows(
    `create database ${identifier(name)} owner ${identifier(owner)} template template0
encoding ${literal(encoding)} lc_collate ${literal(collate)} lc_ctype ${literal(ctype)}`,
  )
}

/** Puts standard input, unpacked, into a file in the container. */
export function keep(container: string, file: string): Script {
  return unpacked(container, 'sh', sh`-c ${'umask 077; cat > "$1"'} sh ${file}`)
}

export function drop(container: string, file: string): Script {
  return sh`docker exec -u 0 ${container} rm -f ${file}`
}

export interface DumpToRestore {
  /** of the database */
  readonly name: string
  /** in the container */
  readonly file: string
  readonly jobs: number
  /** of the dump; all unless told */
  readonly sections?: readonly string[]
  readonly signal: AbortSignal
}

/** Restores a dump from a file in the container, and times its parts by what pg_restore says while it works. */
export async function restoreDump(
  connection: Connection,
  container: string,
  { name, file, jobs, sections = [], signal }: DumpToRestore,
): Promise<readonly Restored[]> {
  const restore = restoreScript(
    container,
    name,
    { file },
    { jobs: Math.max(2, jobs), sections, verbose: true },
  )
  const running = await connection.start(sh`${restore}${raw(' 2>&1 >/dev/null')}`, {
    title: `pg_restore of ${name}`,
    signal,
  })
  running.stdin.end()
  const progress = new Progress()
  for await (const line of linesOf(running.stdout)) progress.hear(line, performance.now())
  const { code } = await running.ended
  if (code !== 0) throw new RestoreError(name, progress.errors)
  return progress.restored
}

/** pg_restore could not restore a dump. */
export class RestoreError extends Error {
  constructor(database: string, said: readonly string[]) {
    super(`pg_restore of ${database}: ${said.join('\n') || 'it failed, and did not say why'}`)
    this.name = new.target.name
  }
}

/** What `pg_restore --verbose --jobs` says, line by line. */
export class Progress {
  readonly #launched = new Map<string, number>()
  readonly restored: Restored[] = []
  readonly errors: string[] = []

  hear(line: string, at: number): void {
    const [, launched] = /^pg_restore: launching item (\d+) /.exec(line) ?? []
    if (launched !== undefined) this.#launched.set(launched, at)
    const [, finished, what = ''] = /^pg_restore: finished item (\d+) (.*)$/.exec(line) ?? []
    const since = finished === undefined ? undefined : this.#launched.get(finished)
    if (since !== undefined) {
      const [, kind = '', name = ''] = /^([A-Z]+(?: [A-Z]+)*) (.*)$/.exec(what) ?? []
      this.restored.push({ kind, name, ms: Math.round(at - since) })
    }
    if (!/^pg_restore: (?!error|fatal|warning|from TOC|detail|hint)/.test(line)) {
      this.errors.push(line.slice(0, 500))
      if (this.errors.length > 8) this.errors.shift()
    }
  }
}

async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of stream.setEncoding('utf8')) {
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}
