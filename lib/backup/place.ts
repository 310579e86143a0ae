import type { Connection } from '../connection/index.ts'
import type { Emit } from '../engine/event.ts'
import type { Fleet } from '../engine/fleet.ts'
import type { Lock } from '../engine/lock.ts'
import { exit, QuaysideError } from '../error.ts'
import type { Host, Inventory } from '../inventory/inventory.ts'
import type { Server } from '../postgres/database.ts'
import type { Secret } from '../secret/index.ts'
import { type BackupPlan, backupPlanOf } from './plan.ts'
import { publicKeyOf } from './signature.ts'
import { storeOf } from './store/index.ts'
import type { Store } from './store/store.ts'

/** The tools of one run. */
export interface Place {
  readonly plan: BackupPlan
  readonly store: Store
  readonly fleet: Fleet
  readonly emit: Emit
  readonly signal: AbortSignal
  /** the inventory's folder */
  readonly dir: string
  connection(host: Host): Promise<Connection>
  /** PostgreSQL, in its container on the first host of group db */
  server(): Promise<Server>
}

/** Of a run of a playbook. Throws (exit code 2) where the inventory does not say enough. Its store is to be closed. */
export async function placeOf(run: {
  readonly inventory: Inventory
  readonly fleet: Fleet
  readonly emit: Emit
  readonly signal: AbortSignal
}): Promise<Place> {
  const { inventory, fleet, emit, signal } = run
  const plan = backupPlanOf(inventory)
  const { dir } = inventory
  const settings = plan.settings.backup_store
  if (settings === undefined) throw new TypeError('the plan demands a store')
  const connection = async (host: Host) => (await fleet.session(host)).connection
  return {
    plan,
    store: await storeOf(settings, { dir, tell: (text) => emit({ type: 'note', text }) }),
    fleet,
    emit,
    signal,
    dir,
    connection,
    server: async () => ({ connection: await connection(plan.db), container: 'postgres' }),
  }
}

/** The secret that manifests and evidence are signed with. Throws (exit code 2) where none is set, or it is too short. */
export function signingKey({ settings }: BackupPlan): Secret {
  const key = settings.backup_signing_key
  if (key !== undefined) {
    publicKeyOf(key) // throws for one that is too short
    return key
  }
  throw new QuaysideError('backup_signing_key is not set: nobody could tell whether a manifest was altered', {
    exitCode: exit.usage,
    hint: "for example backup_signing_key: { from_env: BACKUP_SIGNING_KEY }; 'openssl rand -hex 32' prints one",
  })
}

/** What the first host of group db is locked by while one run takes, prunes or copies backups. */
export function backupLock(what: string): Lock {
  return { file: '/var/lib/quayside/backup/lock', what }
}
