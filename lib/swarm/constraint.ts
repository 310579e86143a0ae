import type { Node } from './node.ts'

/**
 * True when a node fits every constraint: `node.labels.NAME`, `node.role`, `node.hostname` or `node.id`, `==` or `!=`.
 * One of another kind (engine.labels, node.platform) is taken to fit.
 */
export function fits(node: Node, constraints: readonly string[]): boolean {
  return constraints.every((constraint) => {
    const [, name = '', sign, wanted = ''] = /^\s*(\S+?)\s*(==|!=)\s*(.*?)\s*$/.exec(constraint) ?? []
    const value = partOf(node, name)
    return value === undefined || (value === wanted) === (sign === '==')
  })
}

function partOf(node: Node, name: string): string | undefined {
  if (name.startsWith('node.labels.')) return node.labels[name.slice('node.labels.'.length)] ?? ''
  return { 'node.role': node.role, 'node.hostname': node.hostname, 'node.id': node.id }[name]
}
