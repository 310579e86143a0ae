import { messageOf, QuaysideError } from '../../error.ts'
import type { Base } from './base.ts'

/** How a base backup by its id is read. Rejects where there is none. */
export type BaseReader = (id: string) => Promise<Base>

/**
 * What a base backup is made of: the full one, then each incremental one upon the one before, itself at the end. Throws a
 * QuaysideError where one of them cannot be read, or is of another server.
 */
export async function chainOf(base: Base, read: BaseReader): Promise<readonly Base[]> {
  const chain = [base]
  for (let upon = base; upon.parent !== undefined; ) {
    const id = upon.parent
    const parent = await read(id).catch((error: unknown) => {
      throw useless(base, id, messageOf(error), error)
    })
    if (parent.system !== base.system) throw useless(base, id, `it is of another server (${parent.system})`)
    // Ids begin with their time: a circle would have one that is not older.
    if (parent.id >= upon.id) throw useless(base, id, 'it is not older')
    chain.unshift(parent)
    upon = parent
  }
  return chain
}

function useless({ id }: Base, parent: string, why: string, cause?: unknown): QuaysideError {
  return new QuaysideError(`base backup ${id} needs ${parent}: ${why}`, {
    hint: 'take a full one: npx zx playbooks/backup.ts base --full',
    cause,
  })
}
