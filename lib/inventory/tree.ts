import type { Place } from './fault.ts'
import type { Variable, Variables } from './variable.ts'

/** A group as hosts.yaml has it; what several places say about it is one. */
export interface Group {
  readonly name: string
  readonly place: Place
  readonly vars: Map<string, Variable>
  /** child's name → where it is named as a child */
  readonly children: Map<string, Place>
}

/** A host as hosts.yaml has it. */
export interface HostEntry {
  readonly name: string
  readonly place: Place
  readonly vars: Map<string, Variable>
  /** the groups that list it themselves */
  readonly groups: Set<string>
}

/** What hosts.yaml says. Groups and hosts keep the order of the file; "all" is always there. */
export interface Tree {
  readonly groups: ReadonlyMap<string, Group>
  readonly hosts: ReadonlyMap<string, HostEntry>
}

/** A host's variables from each layer of precedence; see merge. */
export interface VarsFolder {
  readonly groups: ReadonlyMap<string, Variables>
  readonly hosts: ReadonlyMap<string, Variables>
}

/** Every group, with all that stand above it; "all" stands above each. */
export function ancestors(tree: Tree): ReadonlyMap<string, ReadonlySet<string>> {
  const above = new Map<string, Set<string>>()
  const visit = (name: string): Set<string> => {
    const known = above.get(name)
    if (known !== undefined) return known
    const found = new Set<string>(name === 'all' ? [] : ['all'])
    above.set(name, found)
    for (const group of tree.groups.values()) {
      if (!group.children.has(name) || group.name === name) continue
      found.add(group.name)
      for (const higher of visit(group.name)) found.add(higher)
    }
    return found
  }
  for (const name of tree.groups.keys()) visit(name)
  return above
}

/** How far each group is below "all", by the longest way; children always have more than their parents. */
export function depths(tree: Tree): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  const sink = (name: string, depth: number): void => {
    if ((found.get(name) ?? -1) >= depth) return
    found.set(name, depth)
    for (const child of tree.groups.get(name)?.children.keys() ?? []) sink(child, depth + 1)
  }
  sink('all', 0)
  for (const name of tree.groups.keys()) if (name !== 'all') sink(name, 1)
  return found
}

/** The groups of each host in the order of precedence: parents before children, then by name. */
export function groupsOfHosts(tree: Tree): ReadonlyMap<string, readonly string[]> {
  const above = ancestors(tree)
  const depth = depths(tree)
  const order = (a: string, b: string) =>
    (depth.get(a) ?? 0) - (depth.get(b) ?? 0) || (a < b ? -1 : a > b ? 1 : 0)
  return new Map(
    [...tree.hosts.values()].map((host) => {
      const all = new Set([
        'all',
        ...host.groups,
        ...[...host.groups].flatMap((name) => [...(above.get(name) ?? [])]),
      ])
      return [host.name, [...all].sort(order)]
    }),
  )
}
