import type { Node } from './node.ts'

/**
 * The label that a node gets with those of the inventory: the name of its host there. By it a node that is no host of the
 * inventory any more is told from one that never was.
 */
export const hostLabel = 'quayside.host'

/** The host of the inventory that a node was made for; undefined for one that somebody else brought into the swarm. */
export function madeFor({ labels }: Node): string | undefined {
  return labels[hostLabel]
}

/** What a node is called: as its host in the inventory, else as it calls itself. */
export function nameOf(node: Node): string {
  return madeFor(node) ?? node.hostname
}
