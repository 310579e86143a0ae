import { parse, stringify } from 'yaml'
import { QuaysideError } from '../error.ts'
import type { Groups, Tiers } from '../inventory/hosts-stamp.ts'
import type { Made, MadeHost } from './outputs.ts'

const mark = '# Written by: npx zx playbooks/infra.ts inventory. Changes made here are lost.'

/** The hosts.yaml of what was made: a group for each tier, how each host is reached, and groups of groups. */
export function hostsText({ hosts, user }: Made, groups: Groups = {}, tiers: Tiers = {}): string {
  const names = Object.keys(hosts).toSorted(byNumber)
  const groupOf = (tier: string) => tiers[tier] ?? tier
  const children = new Map<string, { hosts?: object; children?: object }>()
  for (const group of new Set(names.map((name) => groupOf(hosts[name]?.tier ?? ''))))
    children.set(group, {
      hosts: Object.fromEntries(
        names.flatMap((name) => {
          const host = hosts[name]
          return host !== undefined && groupOf(host.tier) === group ? [[name, entryOf(host)]] : []
        }),
      ),
    })
  const ofTiers = new Set(children.keys())
  for (const [name, members] of Object.entries(groups)) {
    const held = new Set(members.map(groupOf).filter((group) => ofTiers.has(group)))
    if (ofTiers.has(name) && !held.has(name))
      throw new QuaysideError(
        `terraform.yaml: the group ${name} is a tier, too: name the tier ${name} among those in it, or give it another name`,
      )
    const others = [...held].filter((group) => group !== name).map((group) => [group, {}])
    children.set(name, { ...children.get(name), children: Object.fromEntries(others) })
  }
  const tree = { all: { vars: { user }, children: Object.fromEntries(children) } }
  const schema = '# yaml-language-server: $schema=../../docs/schemas/hosts.schema.json'
  return `${schema}\n${mark}\n${stringify(tree, { lineWidth: 0 })}`
}

function entryOf({ host, jump, port, private_address, data_device: device }: MadeHost) {
  return {
    host,
    ...(port !== undefined && { port }),
    private_address,
    ...(jump !== null && { jump }),
    // The database is what a disk apart is for: roles/postgres-pgvector.
    ...(typeof device === 'string' && { postgres_data_device: device }),
  }
}

/** Whether a hosts.yaml was written by us, and not by a person who would miss it. */
export function isOurs(text: string): boolean {
  return text.includes(mark)
}

/** What a new hosts.yaml adds, takes away and changes: "+ app-3", "- app-2", "~ edge-1". */
export function differences(before: string, after: string): readonly string[] {
  const [old, now] = [entriesIn(before), entriesIn(after)]
  return [...new Set([...old.keys(), ...now.keys()])].toSorted(byNumber).flatMap((name) => {
    const [was, is] = [old.get(name), now.get(name)]
    if (was === is) return []
    if (was === undefined) return [`+ ${name} ${is}`]
    return is === undefined ? [`- ${name} ${was}`] : [`~ ${name} ${was} -> ${is}`]
  })
}

/** Each host's group and how it is reached, as one text. */
function entriesIn(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const children = recordOf(recordOf(recordOf(parse(text)).all).children)
  for (const [group, body] of Object.entries(children))
    for (const [name, entry] of Object.entries(recordOf(recordOf(body).hosts)))
      found.set(name, `${group} ${Object.values(recordOf(entry)).join(' ')}`)
  return found
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

/** app-2 before app-10. */
function byNumber(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}
