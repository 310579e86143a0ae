import { columns } from './columns.ts'
import { merge } from './precedence.ts'
import { propertyOf } from './property.ts'
import type { PlayedRole } from './roles.ts'
import { shown } from './shown.ts'
import type { Survey } from './survey.ts'

/** A table of hosts: where each is reached, the groups it is in, the roles it is played. */
export function overview(survey: Survey, hosts: readonly string[]): readonly string[] {
  const rows = hosts.map((host) => [
    host,
    addressOf(survey, host),
    (survey.groups.get(host) ?? []).filter((group) => group !== 'all').join(', '),
    survey
      .played(host)
      .map(({ role }) => role)
      .join(', '),
  ])
  return columns([['host', 'reached at', 'groups', 'roles'], ...rows])
}

/** The variables that the inventory gives a host, the winners alone; secrets by their sources. Defaults are not here. */
export function givenVars(
  survey: Survey,
  host: string,
  schemas: readonly PlayedRole[],
): Readonly<Record<string, unknown>> {
  const variables = merge(survey.layers.get(host) ?? [])
  return Object.fromEntries(
    [...variables.values()].map(({ name, value }) => [name, shown(value, propertyOf(name, schemas))]),
  )
}

/** What `ansible-inventory --list` would print, and what programs that read Ansible's inventories expect. */
export function ansibleList(
  survey: Survey,
  hosts: readonly string[],
  schemas: readonly PlayedRole[],
): Readonly<Record<string, unknown>> {
  const { tree } = survey
  const wanted = new Set(hosts)
  const hostvars = hosts.map((host) => [host, givenVars(survey, host, schemas)] as const)
  const groups = [...tree.groups.values()].map(({ name }) => {
    const own = [...tree.hosts.values()].filter((host) => host.groups.has(name) && wanted.has(host.name))
    const children = childrenOf(survey, name)
    return [
      name,
      {
        ...(children.length === 0 ? {} : { children }),
        ...(own.length === 0 ? {} : { hosts: own.map((host) => host.name) }),
      },
    ] as const
  })
  return {
    _meta: { hostvars: Object.fromEntries(hostvars.filter(([, vars]) => Object.keys(vars).length > 0)) },
    ...Object.fromEntries(groups.filter(([, group]) => Object.keys(group).length > 0)),
  }
}

/** The groups below a group; below "all", those too that stand below no other. */
export function childrenOf({ tree }: Survey, name: string): readonly string[] {
  const named = [...(tree.groups.get(name)?.children.keys() ?? [])]
  if (name !== 'all') return named
  const below = new Set([...tree.groups.values()].flatMap((group) => [...group.children.keys()]))
  const tops = [...tree.groups.keys()].filter((group) => group !== 'all' && !below.has(group))
  return [...new Set([...named, ...tops])]
}

/** "deploy@10.0.0.1:22", as far as the inventory says it (ssh_config may say more); of faults whatever is there. */
function addressOf(survey: Survey, name: string): string {
  const { connection, host = name, port, user } = survey.checked.get(name)?.connection ?? {}
  if (connection !== 'ssh') return String(connection)
  return `${user === undefined ? '' : `${user}@`}${host}${port === undefined ? '' : `:${port}`}`
}
