import { connectionSchema } from '../inventory/connection-vars.ts'
import { shownPath, shownPlace } from '../inventory/fault.ts'
import { merge } from '../inventory/precedence.ts'
import type { PlayedRole } from '../inventory/roles.ts'
import type { Survey } from '../inventory/survey.ts'
import { keyPlace, type Variable } from '../inventory/variable.ts'
import { type Finding, finding } from './finding.ts'

/** What one place that gives a variable comes to, over the hosts that it is given to. */
interface Use {
  readonly variable: Variable
  readonly hosts: string[]
  /** those of them whose roles, or whose connection, read it */
  readonly readers: string[]
  /** where those readers get another value from */
  readonly instead: Set<Variable>
  wins: boolean
}

/**
 * Values that change nothing: no role reads them on any host they are given to, or another value wins on every one.
 * A name that nothing knows is a fault of the inventory, and not told again here.
 */
export function variableFindings(survey: Survey, schemas: readonly PlayedRole[]): readonly Finding[] {
  return usesOf(survey).flatMap((use) => {
    const { variable, hosts, readers, instead, wins } = use
    const owners = schemas.filter(({ schema }) => Object.hasOwn(schema.properties, variable.name))
    if (owners.length === 0 && !(variable.name in connectionSchema.properties)) return []
    const place = keyPlace(variable)
    if (readers.length === 0) {
      const message = `no role of ${some(hosts)} reads \`${variable.name}\``
      return [finding('unused-variable', place, message, whereItBelongs(variable, owners, survey))]
    }
    if (wins) return []
    const others = [...instead].map((each) => shownPlace(keyPlace(each)))
    const message = `\`${variable.name}\` is never used: ${some(readers)} ${readers.length === 1 ? 'takes' : 'take'} it from ${some(others)}`
    return [finding('shadowed-variable', place, message, 'delete it here, or there')]
  })
}

function usesOf(survey: Survey): readonly Use[] {
  const uses = new Map<Variable, Use>()
  for (const [host, layers] of survey.layers) {
    const merged = merge(layers)
    for (const { variables } of layers)
      for (const variable of variables.values()) {
        if (variable.encrypted === true) continue
        const use = uses.get(variable) ?? {
          variable,
          hosts: [],
          readers: [],
          instead: new Set(),
          wins: false,
        }
        uses.set(variable, use)
        use.hosts.push(host)
        if (!isRead(survey, host, variable.name)) continue
        use.readers.push(host)
        const winner = merged.get(variable.name)
        if (winner === variable) use.wins = true
        else if (winner !== undefined) use.instead.add(winner)
      }
  }
  return [...uses.values()]
}

function isRead(survey: Survey, host: string, name: string): boolean {
  return (
    Object.hasOwn(connectionSchema.properties, name) ||
    survey.played(host).some(({ schema }) => Object.hasOwn(schema.properties, name))
  )
}

function whereItBelongs({ name }: Variable, owners: readonly PlayedRole[], survey: Survey): string {
  const roles = [...new Set(owners.map(({ role }) => role))]
  const hosts = [...survey.layers.keys()].filter((host) => isRead(survey, host, name))
  const who = `role ${roles.join(' and role ')}`
  const dir = shownPath(survey.dir)
  if (hosts.length === 0)
    return `${who} would, and no host of ${survey.env} is played it: delete it from ${dir}`
  const patterns = [...new Set(owners.map((owner) => owner.hosts))].join(', ')
  return `${who} does, on ${some(hosts)}: give it to ${patterns}, or delete it`
}

function some(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`
}
