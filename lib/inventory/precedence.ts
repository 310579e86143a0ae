import type { Tree, VarsFolder } from './tree.ts'
import type { Variable, Variables } from './variable.ts'

/** One of the places that may give a host a variable. */
export interface Layer {
  /** as docs/variables.md calls it: "group_vars of db" */
  readonly name: string
  readonly variables: Variables
}

const none: Variables = new Map()

/**
 * The layers of a host by Ansible's precedence, the winner last: the inventory file's group variables (all < parent <
 * child, then by name), group_vars/all, group_vars/* in the same order, the inventory file's host variables, host_vars,
 * and above all what the command line gives. (Below all of them are the defaults of roles.)
 */
export function layersOf(
  { tree, folder, extra = none }: { tree: Tree; folder: VarsFolder; extra?: Variables },
  host: string,
  groups: readonly string[],
): readonly Layer[] {
  const layer = (name: string, variables: Variables | undefined): Layer => ({
    name,
    variables: variables ?? none,
  })
  return [
    ...groups.map((group) => layer(`hosts.yaml, group ${group}`, tree.groups.get(group)?.vars)),
    ...groups.map((group) => layer(`group_vars of ${group}`, folder.groups.get(group))),
    layer(`hosts.yaml, host ${host}`, tree.hosts.get(host)?.vars),
    layer(`host_vars of ${host}`, folder.hosts.get(host)),
    layer('--extra-vars', extra),
  ]
}

/** The variables of a host: each layer replaces whole values of those before it. */
export function merge(layers: readonly Layer[]): Variables {
  const merged = new Map<string, Variable>()
  for (const { variables } of layers) for (const [name, variable] of variables) merged.set(name, variable)
  return merged
}
