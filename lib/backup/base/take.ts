import { QuaysideError } from '../../error.ts'
import { openDatabase, type Server } from '../../postgres/database.ts'
import { piped } from '../../script/index.ts'
import type { Secret } from '../../secret/index.ts'
import { newId } from '../layout.ts'
import { putSealed, sealing } from '../sealed.ts'
import type { ServedRelease } from '../served.ts'
import type { Store } from '../store/index.ts'
import { walKey } from '../wal/archive.ts'
import { lsnOf, nameOf, segmentAt } from '../wal/name.ts'
import { type Base, baseFolder, baseVersion, writeBase } from './base.ts'
import { baseScript, endBases, endedWithReader } from './orphan.ts'

export interface BaseOptions {
  readonly server: Server
  readonly store: Store
  readonly env: string
  /** age public keys */
  readonly recipients: readonly string[]
  /** backup_signing_key */
  readonly key: Secret
  /** who takes it */
  readonly by: string
  /** the release that is served; undefined where nobody knows */
  readonly release?: ServedRelease | undefined
  readonly signal?: AbortSignal
}

/**
 * Takes a physical base backup, under the lock: pg_basebackup's tar of all files, with its manifest in it, sealed on the host and streamed to
 * the store. Its log is the archive's affair. PostgreSQL ends it only when all of the log that it needs is archived.
 */
export async function takeBase(options: BaseOptions): Promise<Base> {
  const { server, store, env, recipients, key, by, release, signal } = options
  const before = await look(server, signal)
  refuse(server.connection.name, before)
  await endBases(server)
  const id = newId()
  const running = await server.connection.start(
    piped(endedWithReader(server, baseScript(server, id)), ...sealing(recipients)),
    {
      title: 'pg_basebackup',
      ...(signal === undefined ? {} : { signal }),
    },
  )
  const folder = baseFolder(env, id)
  try {
    const object = await putSealed(store, folder, 'base.tar.zst.age', running.output(), signal)
    const { at: endedAt, label } = await look(server, signal, id)
    const points = label === null ? undefined : pointsOf(label)
    if (points === undefined)
      throw new QuaysideError(
        `${server.connection.name}: PostgreSQL has no record of the base backup's end`,
        {
          hint: 'was another one taken at the same time? take it again',
        },
      )
    const base: Base = {
      version: baseVersion,
      id,
      env,
      host: server.connection.name,
      by,
      system: before.system,
      server: before.server,
      segmentBytes: Number(before.segment),
      startedAt: before.at,
      endedAt,
      ...(release === undefined ? {} : { release }),
      bytes: Number(before.bytes),
      object,
      ...points,
    }
    await demandLog(store, base)
    await writeBase(store, base, key)
    return base
  } catch (error) {
    await running.kill()
    await endBases(server).catch(() => {}) // what failed is told; the next run ends them, too
    await store.remove([`${folder}base.tar.zst.age`]).catch(() => {})
    throw error
  }
}

/** What PostgreSQL's backup history file says of the log that a backup needs. */
export function pointsOf(text: string): Pick<Base, 'timeline' | 'start' | 'stop'> | undefined {
  const [, start] = /^START WAL LOCATION: (\S+)/m.exec(text) ?? []
  const [, stop] = /^STOP WAL LOCATION: (\S+)/m.exec(text) ?? []
  const [, timeline] = /^START TIMELINE: (\d+)/m.exec(text) ?? []
  if (start === undefined || stop === undefined || timeline === undefined) return undefined
  return { timeline: Number(timeline), start, stop }
}

/** Throws where some of the log that it cannot do without is not there: the archiver gave it up meanwhile. */
async function demandLog(
  store: Store,
  { env, system, timeline, start, stop, segmentBytes }: Base,
): Promise<void> {
  const last = segmentAt(timeline, lsnOf(stop), segmentBytes).number
  for (let { number } = segmentAt(timeline, lsnOf(start), segmentBytes); number <= last; number += 1) {
    const name = nameOf({ timeline, number }, segmentBytes)
    if ((await store.stat(walKey(env, system, name))) === undefined)
      throw new QuaysideError(
        `the base backup is of no use: ${name} of the log, which it needs, is not in ${store.name}`,
        {
          hint: 'journalctl -u quayside-wal on the host tells why; does it archive to the same store?',
        },
      )
  }
}

interface Look {
  readonly at: string
  readonly system: string
  readonly server: string
  readonly segment: string
  readonly bytes: string
  readonly archive: string
  readonly tablespaces: readonly string[]
  /** the history file of a backup with that id, once it has ended */
  readonly label: string | null
}

async function look(server: Server, signal: AbortSignal | undefined, id = ''): Promise<Look> {
  await using database = await openDatabase(server, 'postgres', {
    purpose: 'base backup',
    ...(signal === undefined ? {} : { signal }),
  })
  const [row] = await database.rows<Look>(
    `
    select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
           (select system_identifier::text from pg_control_system()) as system,
           split_part(current_setting('server_version'), ' ', 1) as server,
           (select setting from pg_settings where name = 'wal_segment_size') as segment,
           (select coalesce(sum(pg_tablespace_size(oid)), 0)::text from pg_tablespace) as bytes,
           current_setting('archive_mode') as archive,
           array(select spcname::text from pg_tablespace
                 where spcname not in ('pg_default', 'pg_global') order by 1) as tablespaces,
           (select file.text from pg_ls_dir('pg_wal') as name,
                   lateral (select case when name like '%.backup' then pg_read_file('pg_wal/' || name, 0, 8192, true) end as text) as file
             where strpos(file.text, 'LABEL: quayside ' || $1) > 0 limit 1) as label`,
    [id || '-'],
  )
  if (row === undefined)
    throw new QuaysideError(`${server.connection.name}: PostgreSQL told nothing of itself`)
  return row
}

function refuse(host: string, { archive, tablespaces }: Look): void {
  if (archive === 'off')
    throw new QuaysideError(
      `${host}: PostgreSQL does not archive its log, without which a base backup is of no use`,
      {
        hint: 'set postgres_archive: true, and run site.ts',
      },
    )
  if (tablespaces.length > 0)
    throw new QuaysideError(
      `${host}: base backups do not take tablespaces of one's own, and there is ${tablespaces.join(', ')}`,
      { hint: 'move what is in them to pg_default, or take logical backups alone: backup.ts' },
    )
}
