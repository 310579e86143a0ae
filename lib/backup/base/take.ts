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
import { type Base, baseFolder, baseVersion, fullVersion, writeBase } from './base.ts'
import { keepManifest, manifestBytes, noIncrement, settleManifest, withManifest } from './host-manifest.ts'
import { baseScript, endBases, endedWithReader } from './orphan.ts'
import { parentOf, type Summarizing } from './parent.ts'

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
  /** how many incremental ones may follow a full one; 0 unless told */
  readonly incrementals?: number
  readonly signal?: AbortSignal
  /** told what a person may want to know */
  readonly tell?: (text: string) => void
}

/**
 * Takes a physical base backup, under the lock: pg_basebackup's tar of all files, with its manifest in it, sealed on the host and streamed to
 * the store. Its log is the archive's affair. PostgreSQL ends it only when all of the log that it needs is archived.
 * Where the server keeps summaries of its log (PostgreSQL 17 and later) it is what has changed since the one before, as
 * many times as `incrementals` says; where that turns out to be impossible, it is a full one.
 */
export async function takeBase(options: BaseOptions): Promise<Base> {
  const { server, signal, tell = () => {} } = options
  const before = await look(server, signal)
  refuse(server.connection.name, before)
  const parent = await parentOf(options, before)
  try {
    return await take(options, before, parent)
  } catch (error) {
    const why = parent === undefined || signal?.aborted ? undefined : noIncrement(error)
    if (why === undefined) throw error
    tell(`not incremental upon ${parent?.id}, but full: ${why}`)
    return await take(options, await look(server, signal), undefined)
  }
}

async function take(options: BaseOptions, before: Look, parent: Base | undefined): Promise<Base> {
  const { server, store, env, recipients, key, by, release, signal } = options
  await endBases(server)
  const id = newId()
  const script =
    parent === undefined
      ? baseScript(server, id)
      : withManifest(server, parent.id, (words) => baseScript(server, id, words))
  const running = await server.connection.start(
    piped(
      endedWithReader(server, script),
      ...(before.summarizes ? [keepManifest(server, id)] : []),
      ...sealing(recipients),
    ),
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
    const increment = parent === undefined ? undefined : await manifestBytes(server, id)
    const base: Base = {
      version: parent === undefined ? fullVersion : baseVersion,
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
      ...(parent === undefined
        ? {}
        : { parent: parent.id, incrementBytes: increment ?? Number(before.bytes) }),
      object,
      ...points,
    }
    await demandLog(store, base)
    await writeBase(store, base, key)
    if (before.summarizes) await settleManifest(server, id)
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

interface Look extends Summarizing {
  readonly at: string
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
           current_setting('summarize_wal', true) is not distinct from 'on' as summarizes,
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
