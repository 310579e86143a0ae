import type { Selection } from '../engine/planner.ts'
import type { Play } from '../engine/play.ts'
import { checkTags, type TagFilter } from '../engine/tags.ts'
import { UsageError } from '../error.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { limit as limitTo } from '../inventory/limit.ts'
import type { Args, Flags } from './flags.ts'

/** Flags that choose what of a playbook is played, in Ansible's words. */
export const selectionFlags = {
  limit: {
    about: 'only these hosts: "web:&staging:!web-3"; see docs/selecting.md',
    value: 'PATTERN',
    short: 'l',
  },
  tags: {
    about: 'only resources with one of these tags (a role’s name is one)',
    value: 'TAG,…',
    short: 't',
    counts: true,
  },
  'skip-tags': { about: 'all but resources with one of these tags', value: 'TAG,…', counts: true },
  'start-at': { about: 'begin at the first resource of this name; "*" stands for anything', value: 'ID' },
  step: { about: 'ask before each change: yes, no, all of this host' },
  'list-hosts': { about: 'print which hosts each play is for, and touch none' },
  'list-tasks': { about: 'print each play’s resources and tags; asks the hosts for facts alone' },
  'list-tags': { about: 'print the tags that --tags knows' },
} as const satisfies Flags

/** What a command line (or a saved plan) means of a playbook, as it was written. */
export interface SelectionWords {
  readonly limit?: string
  readonly tags: readonly string[]
  readonly skipTags: readonly string[]
  readonly startAt?: string
}

/** Reads the selecting flags; throws a UsageError for a tag that nothing has. No host and no inventory is needed. */
export function selectionWords(args: Args, plays: readonly Play[]): SelectionWords {
  const [limit, startAt] = [args.text('limit'), args.text('start-at')]
  const words = { tags: listOf(args.texts('tags')), skipTags: listOf(args.texts('skip-tags')) }
  checkTags(filterOf(words), plays)
  const listing = ['list-hosts', 'list-tasks', 'list-tags'].filter((flag) => args.has(flag))
  if (listing.length > 1) throw new UsageError(`--${listing.join(' and --')}: one at a time`)
  return {
    ...words,
    ...(limit === undefined ? {} : { limit }),
    ...(startAt === undefined ? {} : { startAt }),
  }
}

/** The selection in an inventory; throws a UsageError when --limit matches no host. */
export function selectionIn(inventory: Inventory, words: SelectionWords): Selection {
  const { limit, startAt } = words
  const hosts = limit === undefined ? undefined : limitTo(inventory, limit).map((host) => host.name)
  return {
    filter: filterOf(words),
    ...(hosts === undefined ? {} : { limit: new Set(hosts) }),
    ...(startAt === undefined ? {} : { startAt }),
  }
}

function filterOf(words: Pick<SelectionWords, 'tags' | 'skipTags'>): TagFilter {
  return { tags: words.tags, skip: words.skipTags }
}

function listOf(values: readonly string[]): readonly string[] {
  return values
    .flatMap((value) => value.split(','))
    .map((word) => word.trim())
    .filter(Boolean)
}
