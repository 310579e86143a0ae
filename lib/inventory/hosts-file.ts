import { isMap, isScalar, type Pair, type YAMLMap } from 'yaml'
import { messageOf } from '../error.ts'
import type { Faults, Place } from './fault.ts'
import { didYouMean } from './nearest.ts'
import { expandRange } from './range.ts'
import type { Group, HostEntry, Tree } from './tree.ts'
import { keyOf, placeOfPair, variablesOf } from './variable.ts'
import type { YamlFile } from './yaml.ts'

const parts = ['hosts', 'children', 'vars']
const nameShape = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/

/** Reads hosts.yaml in Ansible's YAML form: groups of `hosts`, `children` and `vars`, under `all` or at the top. */
export function readTree(file: YamlFile, faults: Faults): Tree {
  const groups = new Map<string, Group>()
  const hosts = new Map<string, HostEntry>()
  const groupNamed = (name: string, place: Place): Group => {
    const group = groups.get(name) ?? { name, place, vars: new Map(), children: new Map() }
    groups.set(name, group)
    return group
  }
  const top = topLevel(file, faults)
  const all = top.find((pair) => keyOf(pair) === 'all')
  groupNamed('all', all === undefined ? file.start : placeOfPair(file, all))

  const readGroup = (pair: Pair): void => {
    const name = keyOf(pair)
    const place = placeOfPair(file, pair)
    checkName('group', name, place, faults)
    const group = groupNamed(name, place)
    for (const part of entries(file, pair, `group \`${name}\``, faults)) {
      const key = keyOf(part)
      if (!parts.includes(key)) {
        faults.add(placeOfPair(file, part), `unknown key \`${key}\` in group \`${name}\``, meant(key))
        continue
      }
      const items = entries(file, part, `\`${key}\` of group \`${name}\``, faults)
      if (key === 'vars') copy(variables(part), group.vars)
      if (key === 'hosts') for (const item of items) readHosts(item, name)
      if (key === 'children') for (const item of items) readChild(item, group)
    }
  }
  const readChild = (pair: Pair, parent: Group): void => {
    const name = keyOf(pair)
    const place = placeOfPair(file, pair)
    if (name === 'all') faults.add(place, 'the group `all` holds every other and cannot be a child')
    else {
      parent.children.set(name, place)
      readGroup(pair)
    }
  }
  const readHosts = (pair: Pair, group: string): void => {
    const given = keyOf(pair)
    const place = placeOfPair(file, pair)
    entries(file, pair, `host \`${given}\``, faults)
    const vars = variables(pair)
    for (const name of namesOf(given, place, faults)) {
      const host = hosts.get(name) ?? { name, place, vars: new Map(), groups: new Set<string>() }
      hosts.set(name, host)
      if (group !== 'all') host.groups.add(group)
      copy(vars, host.vars)
    }
  }
  const variables = (pair: Pair) => (isMap(pair.value) ? variablesOf(file, pair.value, faults) : new Map())

  for (const pair of top) readGroup(pair)
  cutCycles(groups, faults)
  checkMembership(groups, hosts, faults)
  return { groups, hosts }
}

function topLevel(file: YamlFile, faults: Faults): readonly Pair[] {
  const root = file.document.contents
  if (isMap(root)) return (root as YAMLMap).items
  faults.add(
    file.start,
    'no groups here',
    'start with `all:`, then `children:`, then a group with its `hosts:`',
  )
  return []
}

/** The pairs of the mapping that a pair holds; nothing written counts as an empty one. */
function entries(file: YamlFile, pair: Pair, what: string, faults: Faults): readonly Pair[] {
  if (isMap(pair.value)) return pair.value.items
  if (pair.value === null || (isScalar(pair.value) && pair.value.value === null)) return []
  faults.add(placeOfPair(file, pair), `${what} must be a mapping`, 'write each name with a colon: `edge-1:`')
  return []
}

/** The host of that name, or those of its ranges: `web[01:20]`. */
function namesOf(given: string, place: Place, faults: Faults): readonly string[] {
  try {
    const names = expandRange(given)
    checkName('host', names[0] ?? given, place, faults)
    return names
  } catch (error) {
    faults.add(place, messageOf(error), 'for example `web[01:20].internal`, or `db-[a:c]`')
    return []
  }
}

function checkName(kind: 'group' | 'host', name: string, place: Place, faults: Faults): void {
  if (nameShape.test(name)) return
  const hint = kind === 'group' && name.includes('[') ? 'ranges are for hosts alone' : undefined
  faults.add(
    place,
    `\`${name}\` cannot be the name of a ${kind}`,
    hint ?? 'use letters, digits, `-`, `_` and `.`',
  )
}

function meant(key: string): string {
  return didYouMean(key, parts) ?? `a group has \`hosts\`, \`children\` and \`vars\``
}

function copy<K, V>(from: ReadonlyMap<K, V>, to: Map<K, V>): void {
  for (const [key, value] of from) to.set(key, value)
}

/** Reports each group that contains itself, and cuts it there so that the rest can still be checked. */
function cutCycles(groups: ReadonlyMap<string, Group>, faults: Faults): void {
  const done = new Set<string>()
  const visit = (group: Group, way: readonly string[]): void => {
    if (done.has(group.name)) return
    for (const [name, place] of group.children) {
      const start = [...way, group.name].indexOf(name)
      if (start >= 0) {
        const cycle = [...way, group.name].slice(start)
        faults.add(place, `group \`${name}\` contains itself: ${[...cycle, name].join(' > ')}`)
        group.children.delete(name)
      } else {
        const child = groups.get(name)
        if (child !== undefined) visit(child, [...way, group.name])
      }
    }
    done.add(group.name)
  }
  for (const group of groups.values()) visit(group, [])
}

function checkMembership(
  groups: ReadonlyMap<string, Group>,
  hosts: ReadonlyMap<string, HostEntry>,
  faults: Faults,
): void {
  for (const host of hosts.values()) {
    if (groups.has(host.name)) {
      faults.add(host.place, `\`${host.name}\` is both a host and a group`, 'rename one of the two')
    }
    if (host.groups.size > 0) continue
    faults.add(
      host.place,
      `host \`${host.name}\` is in no group`,
      'list it in a group under `children:`, too',
    )
  }
}
