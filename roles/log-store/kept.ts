import type { Host, Inventory } from '../../lib/inventory/inventory.ts'
import type { Kept } from '../../lib/logs/index.ts'
import { namespace } from './paths.ts'
import type { LogStoreVars } from './schema.ts'
import { storeOf } from './store-of.ts'

/** Which host of an inventory keeps what all containers said, and as what; undefined where none does. */
export function keptBy(inventory: Inventory): { readonly host: Host; readonly kept: Kept } | undefined {
  const host = storeOf(inventory.hosts.filter(({ groups }) => groups.includes('logs')))
  if (host === undefined) return undefined
  const vars = host.vars as unknown as LogStoreVars
  return { host, kept: vars.log_store_keeps === 'files' ? { folder: vars.log_store_folder } : { namespace } }
}
