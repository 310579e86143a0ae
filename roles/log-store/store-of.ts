import { exit, QuaysideError } from '../../lib/error.ts'
import type { Host } from '../../lib/inventory/inventory.ts'

/** The host that keeps logs: that of the group `logs`, which may have one and no more. Throws a QuaysideError. */
export function storeOf(group: readonly Host[]): Host | undefined {
  if (group.length <= 1) return group[0]
  throw new QuaysideError(
    `the group logs has ${group.map(({ name }) => name).join(' and ')}: which one keeps the logs?`,
    {
      hint: 'leave one of them in it',
      exitCode: exit.usage,
    },
  )
}
