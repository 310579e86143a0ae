import { batch } from '../lib/engine/batch.ts'
import { factsScript } from '../lib/engine/facts.ts'
import { lines } from '../lib/script/index.ts'
import { reference } from './reference/role.ts'

/** All that the reference playbook asks of a host when nothing is to be changed, as one script. */
export function probeScript(): string {
  const context = { vars: {}, facts: {}, host: {}, group: () => [] }
  const resources = reference.resources(context as never)
  if (resources.length !== 25) throw new Error(`the reference workload has ${resources.length} resources`)
  return lines(factsScript, batch(resources.map((each) => each.probe)).script).reveal()
}
