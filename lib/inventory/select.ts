import { UsageError } from '../error.ts'
import type { Host } from './inventory.ts'
import { didYouMean } from './nearest.ts'

/** The hosts of a group, or the host of that name; a UsageError with the nearest name when it is neither. */
export function select(name: string, hosts: readonly Host[], groups: readonly string[]): readonly Host[] {
  if (groups.includes(name)) return hosts.filter((host) => host.groups.includes(name))
  const host = hosts.find((candidate) => candidate.name === name)
  if (host !== undefined) return [host]
  const known = [...groups, ...hosts.map((candidate) => candidate.name)]
  const hint = didYouMean(name, known) ?? `the inventory has: ${known.join(', ')}`
  throw new UsageError(`no group or host is called \`${name}\``, hint)
}
