import type { Target } from '../connection/connection.ts'
import { jumpName, parseJump } from '../connection/jump-spec.ts'
import { hopTarget } from '../connection/settled.ts'
import type { CheckedVars } from './check.ts'
import type { ConnectionVars } from './connection-vars.ts'
import type { Faults } from './fault.ts'

/**
 * The targets of all hosts with their jump hosts in them. A hop that has the name of an inventory's host is reached
 * as that host is, by way of its own jump hosts too.
 */
export function withJumps(
  hosts: ReadonlyMap<string, CheckedVars>,
  targetOf: (name: string, connection: ConnectionVars) => Target,
  faults: Faults,
): ReadonlyMap<string, Target> {
  const made = new Map<string, Target>()
  const make = (name: string, checked: CheckedVars, behind: readonly string[]): Target => {
    const known = made.get(name)
    if (known !== undefined) return known
    const plain = targetOf(name, checked.connection)
    const { jump } = checked.connection
    const specs = jump === undefined ? undefined : parseJump(jump)
    if (jump === undefined || specs === undefined) {
      if (jump !== undefined) faults.add(checked.jumpPlace, `\`jump\`: "${jump}" has a port above 65535`)
      made.set(name, plain)
      return plain
    }
    const hops = specs.map((spec, index) => {
      const listed = hosts.get(spec.host)
      if (listed === undefined) return hopTarget(plain, spec, index === 0)
      const way = [...behind, name]
      if (way.includes(spec.host)) {
        faults.add(checked.jumpPlace, `\`jump\` goes in a circle: ${[...way, spec.host].join(' → ')}`)
        return plain
      }
      const hop = make(spec.host, listed, way)
      if (hop.connection !== 'ssh')
        faults.add(checked.jumpPlace, `\`jump\`: ${spec.host} is reached by ${hop.connection}, not by ssh`)
      return { ...hop, name: jumpName(spec), port: spec.port ?? hop.port, user: spec.user ?? hop.user }
    })
    const target = { ...plain, jump: hops }
    made.set(name, target)
    return target
  }
  for (const [name, checked] of hosts) make(name, checked, [])
  return made
}
