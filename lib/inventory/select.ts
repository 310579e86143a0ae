import { UsageError } from '../error.ts'
import { didYouMean } from './nearest.ts'
import { parsePattern, type Term } from './pattern.ts'

/** The names that patterns are about. */
export interface Members {
  /** every host, in the order of hosts.yaml */
  readonly hosts: readonly string[]
  /** each group's hosts, those of its children among them, in the same order; "all" is one of the groups */
  readonly groups: ReadonlyMap<string, readonly string[]>
}

/** Who belongs where, from the groups of each host and the names of all groups, which may be empty. */
export function membersOf(
  groupsOfHosts: ReadonlyMap<string, readonly string[]>,
  groups: Iterable<string>,
): Members {
  const members = new Map([...groups].map((name): [string, string[]] => [name, []]))
  for (const [host, own] of groupsOfHosts) for (const group of own) members.get(group)?.push(host)
  return { hosts: [...groupsOfHosts.keys()], groups: members }
}

/**
 * The hosts that a pattern selects, each once: those of its first part first, as Ansible has it. Throws a UsageError
 * with the nearest name where a part of it is no group's, no host's, or beyond the end of a group. That none is left
 * where every part is right is no error.
 */
export function select(pattern: string, members: Members): readonly string[] {
  return evaluate(pattern, members, (term) => {
    throw nothingFor(term, pattern, members)
  })
}

/** The same, where what matches nothing selects nothing: a role may be for a group that an environment lacks. */
export function selectPresent(pattern: string, members: Members): readonly string[] {
  return evaluate(pattern, members, () => [])
}

function evaluate(
  pattern: string,
  members: Members,
  otherwise: (term: Term) => readonly string[],
): readonly string[] {
  let selected: readonly string[] = []
  for (const term of parsePattern(pattern)) {
    const named = subscript(term, matching(term, members)) ?? otherwise(term)
    const own = new Set(named)
    if (term.how === 'union') selected = [...new Set([...selected, ...named])]
    else selected = selected.filter((host) => own.has(host) === (term.how === 'intersection'))
  }
  return selected
}

/** The hosts of the groups that a part matches, then the hosts that it matches; undefined for neither. */
function matching(term: Term, { hosts, groups }: Members): readonly string[] | undefined {
  if (term.kind === 'name')
    return groups.get(term.text) ?? (hosts.includes(term.text) ? [term.text] : undefined)
  // Every glob that matches "all" by its letters would else select every host: `a*`, meant for app.
  const ofGroups = [...groups].filter(([name]) => name !== 'all' && term.matches(name))
  const found = [...ofGroups.flatMap(([, members]) => members), ...hosts.filter((host) => term.matches(host))]
  return found.length === 0 && ofGroups.length === 0 ? undefined : [...new Set(found)]
}

/** The part of the hosts that the subscript wants; undefined where it wants none of those there are. */
function subscript(term: Term, hosts: readonly string[] | undefined): readonly string[] | undefined {
  if (hosts === undefined || hosts.length === 0 || term.subscript === undefined) return hosts
  const { from, to } = term.subscript
  const place = (index: number) => (index < 0 ? hosts.length + index : index)
  const single = from === to && place(from) < 0
  const found = single ? [] : hosts.slice(Math.max(0, place(from)), Math.max(0, place(to) + 1))
  return found.length === 0 ? undefined : found
}

function nothingFor(term: Term, pattern: string, members: Members): UsageError {
  const { kind, text } = term
  const within = pattern.trim() === text ? '' : ` (in \`${pattern}\`)`
  const there = matching(term, members)
  if (there !== undefined) {
    const count = `${there.length} ${there.length === 1 ? 'host' : 'hosts'}`
    const last = there.length === 1 ? '' : ` to \`${text}[${there.length - 1}]\``
    return new UsageError(
      `\`${text}\` has ${count}, and none at that place${within}`,
      `\`${text}[0]\`${last} ${there.length === 1 ? 'is' : 'are'} there`,
    )
  }
  const names = [...members.groups.keys(), ...members.hosts]
  const what =
    kind === 'name' ? `no group or host is called \`${text}\`` : `\`${text}\` matches no group or host`
  return new UsageError(`${what}${within}`, near(term, names) ?? `the inventory has: ${listed(names)}`)
}

/** For a glob, the name that is nearest to what stands in it without its wildcards. */
function near({ kind, text }: Term, names: readonly string[]): string | undefined {
  return kind === 'regex' ? undefined : didYouMean(text.replaceAll(/[*?]|\[.*?\]/g, ''), names)
}

function listed(names: readonly string[]): string {
  const shown = 20
  if (names.length <= shown) return names.join(', ')
  return `${names.slice(0, shown).join(', ')} and ${names.length - shown} more`
}
