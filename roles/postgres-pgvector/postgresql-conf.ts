import { paths } from './paths.ts'
import type { PostgresVars } from './schema.ts'
import type { Tuning } from './tuning.ts'

type Value = string | number | boolean

/** postgresql.conf: a line a setting, in groups; the inventory's own settings replace the role's. */
export function postgresqlConf(vars: PostgresVars, tuning: Tuning): string {
  const own = new Map(Object.entries(vars.postgres_settings))
  const groups = settings(vars, tuning).map((group) =>
    Object.fromEntries(Object.entries(group).filter(([name]) => !own.has(name))),
  )
  return inGroups([...groups, Object.fromEntries(own)])
}

type Settings = Readonly<Record<string, Value>>

/** Settings as PostgreSQL reads them, an empty line between groups. */
export function inGroups(groups: readonly Settings[]): string {
  return groups
    .map((group) => Object.entries(group))
    .filter((group) => group.length > 0)
    .map((group) => group.map(([name, value]) => `${name} = ${written(value)}\n`).join(''))
    .join('\n')
}

function settings(vars: PostgresVars, tuning: Tuning): readonly Settings[] {
  return [
    {
      ...connections,
      max_connections: vars.postgres_max_connections,
      unix_socket_directories: paths.socket,
      hba_file: paths.clients,
    },
    {
      shared_buffers: `${tuning.sharedBuffersMb}MB`,
      effective_cache_size: `${tuning.effectiveCacheSizeMb}MB`,
      maintenance_work_mem: `${tuning.maintenanceWorkMemMb}MB`,
      work_mem: `${tuning.workMemKb}kB`,
      ...disks,
      max_worker_processes: tuning.parallelWorkers + 6,
      max_parallel_workers: tuning.parallelWorkers,
      max_parallel_workers_per_gather: tuning.parallelWorkersPerGather,
      max_parallel_maintenance_workers: tuning.parallelWorkersPerGather,
    },
    {
      ...writeAhead,
      max_wal_size: `${tuning.maxWalSizeMb}MB`,
    },
    ...(vars.postgres_archive ? [archive] : []),
    logging,
  ]
}

export const connections: Settings = {
  listen_addresses: '*',
  port: 5432,
  superuser_reserved_connections: 5,
  password_encryption: 'scram-sha-256',
  tcp_keepalives_idle: 60,
  tcp_keepalives_interval: 10,
  tcp_keepalives_count: 6,
}

export const disks: Settings = { huge_pages: 'off', random_page_cost: 1.1, effective_io_concurrency: 200 }

export const writeAhead: Settings = {
  wal_level: 'replica',
  wal_compression: true,
  min_wal_size: '80MB',
  checkpoint_timeout: '15min',
  checkpoint_completion_target: 0.9,
}

// To stderr, which docker rotates; JSON would need a collector's files. No statement is logged: one may hold a
// password, and its parameters hold people's data.
export const logging: Settings = {
  log_destination: 'stderr',
  logging_collector: false,
  log_line_prefix: '%m [%p] user=%u db=%d app=%a client=%h ',
  log_statement: 'none',
  log_min_duration_statement: -1,
  log_min_error_statement: 'panic',
  log_parameter_max_length: 0,
  log_parameter_max_length_on_error: 0,
  log_checkpoints: true,
  log_lock_waits: true,
  log_temp_files: '64MB',
  log_autovacuum_min_duration: '10s',
  log_timezone: 'UTC',
  timezone: 'UTC',
}

/** A segment is finished after half a minute at the latest, so that less than a minute is in no archive. */
const archive = {
  archive_mode: 'on',
  archive_command: `sh ${paths.archiveCommand} %p %f`,
  archive_timeout: '30s',
}

function written(value: Value): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  return typeof value === 'number' ? String(value) : `'${value.replaceAll("'", "''")}'`
}
