import { UsageError } from '../error.ts'
import { nearest } from '../inventory/nearest.ts'
import type { Play } from './play.ts'

/** Which resources of a run are meant: Ansible's --tags and --skip-tags. */
export interface TagFilter {
  /** none given: all */
  readonly tags: readonly string[]
  readonly skip: readonly string[]
}

export const noFilter: TagFilter = { tags: [], skip: [] }

/** Words that Ansible gives a meaning of their own. */
const special = ['all', 'tagged', 'untagged', 'always', 'never']

/**
 * Whether a resource is meant. `always` is, unless skipped by name; `never` is not, unless one of its tags was asked
 * for by name. `own` tells its own words from the role's name, which Ansible's `untagged` does not know.
 */
export function isWanted(tags: ReadonlySet<string>, own: boolean, filter: TagFilter): boolean {
  const asked = filter.tags.some((tag) => tags.has(tag))
  const skipped = filter.skip.some(
    (tag) =>
      tags.has(tag) ||
      (tag === 'tagged' && own) ||
      (tag === 'untagged' && !own) ||
      (tag === 'all' && !tags.has('always')),
  )
  if (skipped) return false
  if (tags.has('always')) return true
  if (tags.has('never')) return asked
  if (filter.tags.length === 0 || asked) return true
  return filter.tags.some((tag) => tag === 'all' || (tag === 'tagged' && own) || (tag === 'untagged' && !own))
}

/** Every word that --tags knows in these plays, before a host is asked. */
export function knownTags(plays: readonly Play[]): readonly string[] {
  const words = plays.flatMap((play) => [
    ...(play.tags ?? []),
    ...play.roles.flatMap((role) => [role.name, ...role.tags]),
  ])
  return [...new Set(words)].sort()
}

/** Throws a UsageError for a tag that no play, role or resource has. */
export function checkTags(filter: TagFilter, plays: readonly Play[]): void {
  const known = knownTags(plays)
  for (const [flag, words] of [
    ['--tags', filter.tags],
    ['--skip-tags', filter.skip],
  ] as const) {
    const wrong = words.find((word) => !known.includes(word) && !special.includes(word))
    if (wrong === undefined) continue
    const near = nearest(wrong, [...known, ...special])
    throw new UsageError(
      `${flag}: nothing here has the tag \`${wrong}\``,
      near === undefined ? `the tags are: ${known.join(', ')}` : `did you mean \`${near}\`?`,
    )
  }
}
