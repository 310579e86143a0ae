import { resolve } from 'node:path'
import { expandPath } from '../../inventory/path.ts'
import type { StoreSettings } from '../settings.ts'
import { type Store, StoreError } from './store.ts'

export {
  type Store,
  type Stored,
  StoreError,
  type StoreFailure,
  type StoreFinding,
  type Written,
} from './store.ts'

/**
 * The store that an inventory names; `dir` is the inventory's folder, where a relative path starts, and `tell` hears why
 * something takes long. Nothing is touched yet.
 */
export async function storeOf(
  settings: StoreSettings,
  from: { readonly dir: string; readonly tell?: (text: string) => void },
): Promise<Store> {
  if (settings.s3 !== undefined) {
    const { s3Store } = await import('./s3/index.ts')
    return s3Store(settings.s3, from.tell === undefined ? {} : { tell: from.tell })
  }
  if (settings.directory === undefined)
    throw new StoreError('the store is neither s3 nor a directory', { reason: 'failed' })
  const { DirectoryStore } = await import('./directory.ts')
  // {state} is a word of an environment's: its name is the inventory folder's.
  const env = resolve(from.dir).split('/').at(-1) ?? ''
  return new DirectoryStore(expandPath(settings.directory, { env, dir: from.dir }))
}
