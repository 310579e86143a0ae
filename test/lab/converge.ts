import type { Connection, Target } from '../../lib/connection/connection.ts'
import { batch } from '../../lib/engine/batch.ts'
import { state } from '../../lib/lab/state.ts'
import { hosts, publishedPort } from '../../lib/lab/topology.ts'
import type { Change, Plan, Resource } from '../../lib/resource/index.ts'
import { lines, raw } from '../../lib/script/index.ts'

/** How to reach a host of the lab, as root. */
export function labTarget(name: string): Target {
  const host = hosts.find((each) => each.name === name)
  if (host === undefined) throw new Error(`the lab has no host ${name}`)
  return {
    name,
    connection: 'ssh',
    host: '127.0.0.1',
    port: publishedPort(host, 22),
    user: 'deploy',
    identityFile: state.key,
    knownHostsFile: state.knownHosts,
    become: true,
    connectTimeoutSeconds: 20,
  }
}

/** Probes a resource as the engine does, and plans. */
export async function look(connection: Connection, resource: Resource): Promise<Plan> {
  const probes = batch([resource.probe])
  const [probed] = probes.read(await connection.run(probes.script))
  if (probed === undefined) throw new Error(`the probe of ${resource.id} printed no end`)
  return resource.plan(probed)
}

/** Applies a resource that must plan a change, and looks again: it must then be unchanged. Gives the change. */
export async function converge(connection: Connection, resource: Resource): Promise<Change> {
  const plan = await look(connection, resource)
  if (plan.kind !== 'change') throw new Error(`${resource.id} plans no change: ${JSON.stringify(plan)}`)
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
  const { code, stderr } = await connection.run(lines(raw('set -e'), change.apply), { timeoutSeconds })
  if (code !== 0) throw new Error(`${change.summary}: exit code ${code}: ${stderr}`)
}
