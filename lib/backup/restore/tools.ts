import type { Connection } from '../../connection/index.ts'
import type { Emit } from '../../engine/event.ts'
import type { Host, Inventory } from '../../inventory/inventory.ts'
import type { Server } from '../../postgres/database.ts'
import type { Keys } from '../../secret/age/key.ts'
import type { Manifest } from '../manifest.ts'
import type { BackupPlan } from '../plan.ts'
import type { Store } from '../store/store.ts'

/** What a restore works with. */
export interface Tools {
  /** of the environment that is restored into */
  readonly plan: BackupPlan
  readonly inventory: Inventory
  /** of the environment that the backup is of */
  readonly store: Store
  readonly keys: Keys
  readonly emit: Emit
  readonly signal: AbortSignal
  /** tells this run from others, in names: six hex digits */
  readonly run: string
  connection(host: Host): Promise<Connection>
  server(): Promise<Server>
}

/** A backup that is to be restored. */
export interface Source {
  readonly manifest: Manifest
  /** its folder in the store */
  readonly folder: string
}
