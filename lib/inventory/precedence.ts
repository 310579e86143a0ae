import type { Tree, VarsFolder } from './tree.ts'
import type { Variable, Variables } from './variable.ts'

/**
 * The variables of a host, by Ansible's precedence; each layer replaces whole values of those before it:
 * the inventory file's group variables (all < parent < child, then by name), group_vars/all, group_vars/* in the same
 * order, the inventory file's host variables, host_vars.
 */
export function merge(tree: Tree, folder: VarsFolder, host: string, groups: readonly string[]): Variables {
  const layers = [
    ...groups.map((group) => tree.groups.get(group)?.vars),
    ...groups.map((group) => folder.groups.get(group)),
    tree.hosts.get(host)?.vars,
    folder.hosts.get(host),
  ]
  const merged = new Map<string, Variable>()
  for (const layer of layers) for (const [name, variable] of layer ?? []) merged.set(name, variable)
  return merged
}
