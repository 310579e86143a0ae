import { byteCount } from './local-file.ts'
import { Conflict } from './resource.ts'
import type { Listed, Wanted } from './tree-listing.ts'

/** What has to be done to a tree, by path below its root; each list sorted, so that a folder precedes what it holds. */
export interface TreeWork {
  /** in the way of something of another kind, with all below it: removed before anything is put there */
  readonly clear: readonly string[]
  readonly make: readonly string[]
  /** files and links whose content is sent */
  readonly send: readonly string[]
  readonly own: readonly string[]
  readonly mode: readonly string[]
  /** not wanted: removed when all else is done */
  readonly remove: readonly string[]
}

/** Compares two trees. Throws a Conflict where something is in the way and nothing may be deleted. */
export function treeWork(
  root: string,
  wanted: ReadonlyMap<string, Wanted>,
  there: ReadonlyMap<string, Listed>,
  options: { readonly delete: boolean; readonly kept: readonly string[] },
): TreeWork {
  const holdKept = new Set(options.kept.flatMap(ancestors))
  const work = { clear: [], make: [], send: [], own: [], mode: [], remove: [] } as Record<
    keyof TreeWork,
    string[]
  >
  const blocked = new Set<string>()
  for (const [path, entry] of wanted) {
    const is = there.get(path)
    if (
      is !== undefined &&
      is.type !== entry.type &&
      (is.type === 'directory' || entry.type === 'directory')
    ) {
      if (!options.delete || holdKept.has(path)) throw inTheWay(root, path, is, entry, options.delete)
      blocked.add(path)
      work[entry.type === 'directory' ? 'make' : 'send'].push(path)
    } else if (entry.type === 'directory') {
      if (is === undefined) work.make.push(path)
      else access(path, entry, is, work)
    } else if (is === undefined || !sameContent(entry, is)) work.send.push(path)
    else access(path, entry, is, work)
  }
  if (options.delete) {
    for (const path of there.keys()) {
      if (blocked.has(path) || ancestors(path).some((each) => blocked.has(each))) work.clear.push(path)
      else if (!wanted.has(path) && !holdKept.has(path)) work.remove.push(path)
    }
  }
  for (const list of Object.values(work)) list.sort()
  return work
}

/** The work in a few words, and as lines of a diff. */
export function told(
  work: TreeWork,
  wanted: ReadonlyMap<string, Wanted>,
  there: ReadonlyMap<string, Listed>,
): { summary: string; lines: readonly string[]; bytes: number } {
  const added = [...work.make, ...work.send].filter((path) => !there.has(path))
  const changed = [...work.make, ...work.send].filter((path) => there.has(path))
  const gone = [...work.clear, ...work.remove].filter((path) => !wanted.has(path))
  const kept = [...new Set([...work.own, ...work.mode])]
  const bytes = work.send.reduce((sum, path) => sum + sizeOf(wanted.get(path)), 0)
  const parts = [
    count('add', added),
    count('change', changed),
    count('remove', gone),
    kept.length === 0 ? '' : `mode or owner of ${kept.length}`,
  ].filter(Boolean)
  const lines = [...added, ...changed, ...gone, ...kept].sort().flatMap((path) => {
    const [is, entry] = [there.get(path), wanted.get(path)]
    return [
      ...(is === undefined
        ? []
        : [`-${named(path, is)}${entry === undefined ? '' : details(is, entry, is)}`]),
      ...(entry === undefined
        ? []
        : [`+${named(path, entry)}${is === undefined ? '' : details(entry, entry, is)}`]),
    ]
  })
  return {
    summary: `${parts.join(', ')}${bytes === 0 ? '' : ` (${byteCount(bytes)} to send)`}`,
    lines,
    bytes,
  }
}

function access(path: string, entry: Wanted, is: Listed, work: Record<'own' | 'mode', string[]>): void {
  // chown takes setgid away, so a mode is always given again behind it.
  if (!is.owned) work.own.push(path)
  if (entry.type !== 'link' && (!is.owned || is.mode !== entry.mode)) work.mode.push(path)
}

function sameContent(entry: Wanted, is: Listed): boolean {
  if (entry.type === 'file') return is.type === 'file' && is.sha256 === entry.sha256
  return entry.type === 'link' && is.type === 'link' && is.target === entry.target
}

function ancestors(path: string): string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'))
}

function inTheWay(root: string, path: string, is: Listed, entry: Wanted, mayDelete: boolean): Conflict {
  return new Conflict(`a ${is.type} stands at ${root}/${shown(path)}, where a ${entry.type} should be`, {
    hint: mayDelete
      ? 'it holds what is excluded: look at what it is, and remove it by hand'
      : 'look at what it is, and remove it; or let what is not wanted go: delete: true',
  })
}

function count(verb: string, paths: readonly string[]): string {
  return paths.length === 0 ? '' : `${verb} ${paths.length}`
}

function sizeOf(entry: Wanted | undefined): number {
  return entry?.type === 'file' ? entry.size : 0
}

function named(path: string, entry: Wanted | Listed): string {
  if (entry.type === 'directory') return `${shown(path)}/`
  return entry.type === 'link' ? `${shown(path)} -> ${shown(entry.target)}` : shown(path)
}

/** What tells one state from the other: sizes and modes, and owners where they differ. */
function details(of: Wanted | Listed, entry: Wanted, is: Listed): string {
  const words = [
    ...(entry.type === 'file' && is.type === 'file' && entry.sha256 !== is.sha256
      ? [byteCount('size' in of ? of.size : 0)]
      : []),
    ...(entry.type !== 'link' && is.type !== 'link' && entry.mode !== is.mode
      ? [of.mode.toString(8).padStart(4, '0')]
      : []),
    ...(is.owned ? [] : [of === is ? `owner ${is.owner}` : 'owner as wanted']),
  ]
  return words.length === 0 ? '' : ` (${words.join(', ')})`
}

/** A path for people; one that is not plain text is quoted. */
function shown(path: string): string {
  const text = Buffer.from(path, 'latin1').toString('utf8')
  return /[\p{Cc}\ufffd]/u.test(text) ? JSON.stringify(text) : text
}
