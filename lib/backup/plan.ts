import { exit, QuaysideError } from '../error.ts'
import type { Host, Inventory } from '../inventory/inventory.ts'
import type { BackupVars } from './settings.ts'

/** What is backed up, from where and to where: taken from an inventory whose variables have passed `backupVars`. */
export interface BackupPlan {
  readonly env: string
  /** the first host of group db: PostgreSQL and Redis run there, and its variables are the ones that count */
  readonly db: Host
  readonly settings: BackupVars
  /** names */
  readonly databases: readonly string[]
  readonly volumes: readonly VolumeSource[]
}

/** A Docker volume or a folder, and the host that has it. */
export interface VolumeSource {
  readonly host: Host
  readonly kind: 'volume' | 'path'
  readonly name: string
}

/** Throws a QuaysideError (exit code 2) where the inventory does not say enough. */
export function backupPlanOf(inventory: Inventory): BackupPlan {
  const db = inventory.hosts.find(({ groups }) => groups.includes('db'))
  if (db === undefined)
    throw unsaid(
      `there is no host in group db, whose PostgreSQL ${inventory.env} could back up`,
      'a database inside of a stack is not backed up: give it a host of its own (docs/scaling.md)',
    )
  const settings = db.vars as unknown as BackupVars
  const store = settings.backup_store
  if (store === undefined)
    throw unsaid('backup_store is not set: where shall backups go?', 'docs/backups.md has an example')
  for (const [name, each] of Object.entries({
    backup_store: store,
    backup_copy_store: settings.backup_copy_store,
  })) {
    if (each !== undefined && (each.s3 === undefined) === (each.directory === undefined))
      throw unsaid(`${name} takes one of s3 and directory`)
  }
  return {
    env: inventory.env,
    db,
    settings,
    databases: settings.backup_databases ?? [String(db.vars.postgres_database)],
    volumes: settings.backup_volumes.map((each) => volumeOf(inventory, each)),
  }
}

function volumeOf(inventory: Inventory, given: BackupVars['backup_volumes'][number]): VolumeSource {
  const { host: name, volume, path } = given
  const host = inventory.hosts.find((each) => each.name === name)
  if (host === undefined) throw unsaid(`backup_volumes: no host is called ${name}`)
  if (volume !== undefined && path === undefined) return { host, kind: 'volume', name: volume }
  if (path !== undefined && volume === undefined) return { host, kind: 'path', name: path }
  throw unsaid(`backup_volumes: ${name}: give one of volume and path`)
}

function unsaid(message: string, hint?: string): QuaysideError {
  return new QuaysideError(message, { exitCode: exit.usage, ...(hint === undefined ? {} : { hint }) })
}
