import { whole } from './argument.ts'
import { addedText, unifiedDiff } from './diff.ts'
import { readClient, refuseLockOut } from './firewall-client.ts'
import {
  checkedRules,
  type FirewallRules,
  type Ruleset,
  replacing,
  table,
  tableText,
} from './firewall-ruleset.ts'
import {
  conf,
  dropRules,
  firewallProbe,
  keepRules,
  removeAll,
  traces,
  tryRules,
  unitName,
  unitText,
} from './firewall-script.ts'
import { fields } from './observed.ts'
import { type Common, Conflict, type Plan, type Resource, resource, unchanged } from './resource.ts'
import { readBytes } from './rewrite.ts'
import { accessChanges, readStanding } from './standing.ts'

export interface FirewallOptions extends Common, FirewallRules {
  /** rules that are not confirmed over a new connection within so many seconds are taken back by the host; 60 unless told */
  readonly rollbackSeconds?: number | undefined
  /** rules that would keep this run's next connection out are refused, unless you have another way in */
  readonly lockOut?: 'refuse' | 'allow' | undefined
}

/**
 * The host's firewall: the nftables table `inet quayside`, loaded now and at boot; no other table is touched. What is
 * loaded by hand, or gone, is put right. Throws a TypeError for rules that no firewall could have.
 */
export function firewall(options: FirewallOptions): Resource {
  const { rollbackSeconds = 60, lockOut = 'refuse', notify } = options
  whole(rollbackSeconds, 5, 3600, 'rollbackSeconds')
  if (lockOut !== 'refuse' && lockOut !== 'allow')
    throw new TypeError(`lockOut must be refuse or allow: ${JSON.stringify(lockOut)}`)
  const ruleset = checkedRules(options)
  const rules = replacing(tableText(ruleset))
  return resource({
    id: 'firewall',
    probe: firewallProbe(rules),
    read: ({ stdout }) => fields(stdout),
    plan: (found) => {
      const what = differences(found, rules, ruleset)
      if (what.length === 0) return unchanged
      const client = readClient(found.get('ssh'))
      if (lockOut === 'refuse' && client !== undefined) refuseLockOut(ruleset, client)
      return probation(what.join(', '), diffOf(found, rules), rules, rollbackSeconds)
    },
    notify,
  })
}

/** No firewall of ours: neither table nor file nor unit. What others have loaded stays. */
export function absentFirewall(options: Common = {}): Resource {
  return resource({
    id: 'firewall',
    probe: traces,
    read: ({ stdout }) =>
      stdout.split('\n').flatMap((line) => (line.startsWith('there=') ? [line.slice(6)] : [])),
    plan: (there) => {
      if (there.length === 0) return unchanged
      return { kind: 'change', summary: `remove ${there.join(', ')}`, apply: removeAll, timeoutSeconds: 120 }
    },
    notify: options.notify,
  })
}

function differences(
  found: ReadonlyMap<string, string>,
  rules: string,
  { policy }: Ruleset,
): readonly string[] {
  if (found.get('LoadState') === 'masked')
    throw new Conflict(`the unit ${unitName} is masked`, { hint: `systemctl unmask ${unitName}` })
  const is = readStanding(found.get('standing'))
  const access = { mode: 0o644, owner: 'root', group: 'root' }
  const onDisk = is.type === 'file' ? readBytes(found.get('conf')) : undefined
  const same = onDisk === inBytes(rules)
  const loaded = found.has('live')
  return [
    ...(!found.has('wanted') ? [] : [liveDifference(loaded, same, policy)]),
    ...(same ? accessChanges(is, access).map((each) => `${conf}: ${each}`) : [`write ${conf}`]),
    ...(readBytes(found.get('unit')) === unitText ? [] : [`write ${unitName}`]),
    ...(found.get('UnitFileState') === 'enabled' ? [] : ['load it at boot']),
    ...(found.get('ActiveState') === 'active' ? [] : [`start ${unitName}`]),
    ...(found.has('pending') ? ['confirm what an earlier run left unconfirmed'] : []),
  ]
}

function liveDifference(loaded: boolean, sameOnDisk: boolean, policy: string): string {
  if (!loaded) return `load table ${table} (what is not allowed: ${policy})`
  return sameOnDisk ? 'load anew: the loaded rules are others than those on disk' : 'rules changed'
}

/** What is loaded against what will be, both as nft lists them; where that is the same, the file. */
function diffOf(found: ReadonlyMap<string, string>, rules: string): string {
  const text = (name: string) => Buffer.from(found.get(name) ?? '', 'base64').toString('utf8')
  if (found.has('wanted'))
    return found.has('live') ? unifiedDiff(text('live'), text('wanted')) : addedText(text('wanted'))
  return unifiedDiff(text('conf'), rules)
}

function probation(summary: string, diff: string, rules: string, seconds: number): Plan {
  return {
    kind: 'change',
    summary,
    ...(diff === '' ? {} : { diff }),
    apply: tryRules(rules, seconds),
    timeoutSeconds: 120,
    confirm: {
      script: keepRules(rules),
      undo: dropRules,
      otherwise: `the host goes back to the rules from before within ${seconds} s`,
    },
  }
}

function inBytes(text: string): string {
  return Buffer.from(text).toString('latin1')
}
