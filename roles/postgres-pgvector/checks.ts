import {
  archiverCheck,
  type Check,
  containersCheck,
  portCheck,
  type Seen,
  said,
} from '../../lib/health/index.ts'
import type { Host } from '../../lib/inventory/inventory.ts'
import { psql, row } from '../../lib/resource/postgres.ts'
import { privateIp } from '../private-ip.ts'
import type { PostgresVars } from './schema.ts'

/** of the connections that apps may have: the next deploy brings as many again */
const warning = 0.8
const failed = 0.95

/** PostgreSQL through its layers, on its own host; with the archive of its log where it has one. */
export function postgresChecks(host: Host): readonly Check[] {
  const vars = host.vars as unknown as PostgresVars
  const { postgres_database: database, postgres_extensions: extensions } = vars
  const ask = (sql: string) =>
    psql({ container: 'postgres' }, database, `set statement_timeout = '4s';\n${sql}`)
  return [
    containersCheck(host, [{ name: 'postgres', service: 'postgres', image: vars.postgres_image }]),
    portCheck({ from: host, service: 'postgres', address: privateIp(host), port: vars.postgres_port }),
    {
      host,
      service: 'postgres',
      layer: 'query',
      what: 'select 1',
      script: ask(stateSql),
      judge: (answer) =>
        answer.code === 0
          ? [judgePostgres(row(answer.stdout) ?? {}, extensions)]
          : [{ verdict: 'failed', seen: `select: ${said(answer)}` }],
    },
    ...(vars.postgres_archive
      ? [
          archiverCheck(host),
          {
            host,
            service: 'postgres',
            layer: 'wal' as const,
            what: 'pg_stat_archiver',
            script: ask(archiveSql),
            judge: (answer) =>
              answer.code === 0
                ? [judgeArchive(row(answer.stdout) ?? {})]
                : [{ verdict: 'failed', seen: `pg_stat_archiver: ${said(answer)}` }],
          } satisfies Check,
        ]
      : []),
  ]
}

const stateSql = `select json_build_object(
  'one', (select 1),
  'version', current_setting('server_version'),
  'recovery', pg_is_in_recovery(),
  'used', (select count(*) from pg_stat_activity where backend_type = 'client backend'),
  'most', current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
  'extensions', (select json_object_agg(extname, extversion) from pg_extension))
`

/** Of the row of stateSql. */
export function judgePostgres(
  { one, version, recovery, used, most, extensions }: Readonly<Record<string, unknown>>,
  wanted: readonly string[],
): Seen {
  if (one !== 1) throw new Error('no row')
  const there = extensions as Readonly<Record<string, string>>
  const missing = wanted.filter((each) => there[each] === undefined)
  const share = Number(used) / Number(most)
  const bad = recovery === true || missing.length > 0 || share >= failed
  return {
    verdict: bad ? 'failed' : share >= warning ? 'warning' : 'ok',
    seen: [
      `PostgreSQL ${String(version).split(' ')[0]}`,
      recovery === true ? 'in recovery: it takes no writes' : 'takes writes',
      `${used} of ${most} connections`,
      ...wanted.map((each) => `${each} ${there[each] ?? 'is missing'}`),
    ].join(', '),
  }
}

const archiveSql = `select json_build_object(
  'last', last_archived_wal,
  'failed', last_failed_wal,
  'failing', coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false),
  'times', failed_count)
from pg_stat_archiver
`

/** Of the row of archiveSql. */
export function judgeArchive({ last, failed, failing, times }: Readonly<Record<string, unknown>>): Seen {
  const before = Number(times) > 0 ? `, ${times} attempts failed before` : ''
  return failing === true
    ? { verdict: 'failed', seen: `archive_command fails at ${failed}, ${times} times by now` }
    : { verdict: 'ok', seen: `archived up to ${last ?? 'nothing yet'}${before}` }
}
