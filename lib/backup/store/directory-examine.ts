import { stat } from 'node:fs/promises'
import { codeOf, fromSystem } from './directory-error.ts'
import { tryOut } from './examine.ts'
import { type Store, StoreError, type StoreFinding } from './store.ts'

/** What is to be said of a folder that is to hold backups. */
export async function examineFolder(store: Store, path: string): Promise<readonly StoreFinding[]> {
  try {
    const found = await stat(path)
    if (!found.isDirectory())
      throw new StoreError(`${path} is no folder`, { reason: 'failed', hint: 'name a folder' })
    const there = { ok: true, text: `${path} is there` }
    const open = (found.mode & 0o077) !== 0
    const shown = {
      ok: true,
      text: `others on this machine may look into it: chmod 700 ${path} keeps them out`,
    }
    return [there, ...(open ? [shown] : []), ...(await tryOut(store))]
  } catch (error) {
    if (codeOf(error) === 'ENOENT')
      return [
        { ok: true, text: `${path} is not there yet: it is made when it is needed` },
        ...(await tryOut(store)),
      ]
    const told = fromSystem(error, `cannot look at ${path}`)
    return [{ ok: false, text: told.message, ...(told.hint === undefined ? {} : { hint: told.hint }) }]
  }
}
