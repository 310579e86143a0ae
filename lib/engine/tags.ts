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
export const specialTags = ['all', 'tagged', 'untagged', 'always', 'never']

/**
 * Whether a resource is meant, by its role's name and its own words. `always` is, unless skipped by name; `never` is
 * not, unless one of its own words was asked for. `tagged` and `untagged` are about its own words alone.
 */
export function isWanted(role: string, own: ReadonlySet<string>, filter: TagFilter): boolean {
  const fits = (tag: string): boolean =>
    tag === role ||
    own.has(tag) ||
    (tag === 'tagged' && own.size > 0) ||
    (tag === 'untagged' && own.size === 0)
  if (filter.skip.some((tag) => fits(tag) || (tag === 'all' && !own.has('always')))) return false
  if (own.has('always')) return true
  if (own.has('never')) return filter.tags.some((tag) => own.has(tag))
  return filter.tags.length === 0 || filter.tags.some((tag) => fits(tag) || tag === 'all')
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
    const wrong = words.find((word) => !known.includes(word) && !specialTags.includes(word))
    if (wrong === undefined) continue
    const near = nearest(wrong, [...known, ...specialTags])
    throw new UsageError(
      `${flag}: nothing here has the tag \`${wrong}\``,
      near === undefined ? `the tags are: ${known.join(', ')}` : `did you mean \`${near}\`?`,
    )
  }
}
