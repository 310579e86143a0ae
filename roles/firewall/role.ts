import { role } from '../../lib/engine/role.ts'
import { exit, messageOf, QuaysideError } from '../../lib/error.ts'
import type { Host } from '../../lib/inventory/inventory.ts'
import {
  absentFirewall,
  type FirewallRule,
  firewall as firewallResource,
  packages,
  type Resource,
} from '../../lib/resource/index.ts'
import { privateIp } from '../private-ip.ts'
import { type FirewallVars, firewallVars } from './schema.ts'

type Rule = NonNullable<FirewallVars['firewall_allow']>[number]
type Group = (pattern: string) => readonly Host[]

export const firewall = role({
  name: 'firewall',
  about: 'A firewall by nftables, on hosts that say what may reach them',
  vars: firewallVars,
  resources: ({ vars, host, group }) => {
    if (vars.firewall_absent) return [absentFirewall()]
    if (vars.firewall_allow === undefined) return []
    return [packages(['nftables']), ruleset(host.name, vars, vars.firewall_allow, group)]
  },
})

function ruleset(host: string, vars: FirewallVars, allow: readonly Rule[], group: Group): Resource {
  const resolved = (rules: readonly Rule[]) => rules.map((rule) => withAddresses(rule, group))
  const published = vars.firewall_published
  try {
    return firewallResource({
      policy: vars.firewall_policy,
      allow: resolved(allow),
      deny: resolved(vars.firewall_deny),
      ...(published === undefined ? {} : { published: resolved(published) }),
      sets: vars.firewall_sets,
      rollbackSeconds: vars.firewall_rollback_seconds,
      lockOut: vars.firewall_lock_out,
    })
  } catch (error) {
    // What a schema cannot tell: 10.0.0.1/8, a range that goes downwards, a set that is not there.
    if (!(error instanceof TypeError)) throw error
    throw new QuaysideError(`${host}: firewall: ${messageOf(error)}`, {
      hint: `mend the host's firewall_ variables: npx zx playbooks/inventory.ts explain ${host} firewall_allow --env ENV`,
      exitCode: exit.usage,
    })
  }
}

/** The hosts of a pattern are their private addresses: what other hosts of the inventory reach them by, and come from. */
function withAddresses({ hosts, from, ...rest }: Rule, group: Group): FirewallRule {
  if (hosts === undefined) return { ...rest, from }
  return {
    ...rest,
    from: [...(from ?? []), ...group(hosts).map((each) => privateIp(each, 'a firewall is to let in'))],
  }
}
