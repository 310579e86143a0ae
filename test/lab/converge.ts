import type { Connection } from '../../lib/connection/connection.ts'
import { batch } from '../../lib/engine/batch.ts'
import type { Change, Plan, Resource } from '../../lib/resource/index.ts'
import { lines, raw } from '../../lib/script/index.ts'

/** Probes a resource as the engine does, and plans. */
export async function look(connection: Connection, resource: Resource): Promise<Plan> {
  const probes = batch([resource.probe])
  const [probed] = probes.read(await connection.run(probes.script))
  if (probed === undefined) throw new Error(`the probe of ${resource.id} printed no end`)
  const here = await resource.here?.()
  return resource.plan(here === undefined ? probed : { ...probed, here })
}

/** Applies a resource that must plan a change, and looks again: it must then be unchanged. Gives the change. */
export async function converge(connection: Connection, resource: Resource): Promise<Change> {
  const plan = await look(connection, resource)
  if (plan.kind !== 'change') throw new Error(`${resource.id} plans no change: ${JSON.stringify(plan)}`)
  if (plan.lacks !== undefined) throw new Error(`${resource.id}: ${plan.lacks}`)
  await apply(connection, plan)
  const after = await look(connection, resource)
  if (plan.unverifiable !== true && after.kind !== 'unchanged') {
    throw new Error(`${resource.id} did not converge: ${JSON.stringify(after)}`)
  }
  return plan
}

/** Runs a change as the engine does; throws what it said where it fails. */
export async function apply(connection: Connection, change: Change): Promise<void> {
  const { timeoutSeconds = 600 } = change
  const { code, stdout, stderr } = await connection.run(lines(raw('set -e'), change.apply), {
    timeoutSeconds,
  })
  if (code !== 0) throw new Error(`${change.summary}: exit code ${code}: ${stderr}`)
  await change.receive?.(stdout)
}
