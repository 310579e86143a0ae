import { ConnectionError } from '../connection/error.ts'
import type { Emit } from '../engine/event.ts'
import type { Fleet } from '../engine/fleet.ts'
import { exit, QuaysideError } from '../error.ts'
import type { Host } from '../inventory/inventory.ts'
import { majority } from './quorum.ts'

/**
 * The managers that can be reached, which must be most of them: two runs that each lock most of the managers have at
 * least one in common, so that never both go on.
 */
export async function reachedManagers(
  fleet: Fleet,
  managers: readonly Host[],
  emit: Emit,
): Promise<readonly Host[]> {
  const reached = await Promise.all(
    managers.map(async (host) => {
      try {
        await fleet.session(host)
        return [host]
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error
        emit({ type: 'note', text: `going on without ${host.name}: ${error.message}` })
        return []
      }
    }),
  )
  const found = reached.flat()
  if (found.length >= majority(managers.length)) return found
  throw new QuaysideError(`${found.length} of ${managers.length} managers can be reached`, {
    hint: `a deploy needs ${majority(managers.length)} of them`,
    exitCode: exit.unreachable,
  })
}
