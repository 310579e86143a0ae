import { type Account, absolutePath, account, octal } from './argument.ts'
import { shortened } from './diff.ts'
import { refuseSystemPath } from './directory.ts'
import { byteCount } from './local-file.ts'
import { type LocalTree, localTree } from './local-tree.ts'
import { type Common, Conflict, type Plan, type Resource, resource, unchanged } from './resource.ts'
import { syncScript } from './sync-apply.ts'
import { told, treeWork } from './sync-plan.ts'
import { accountsScript, type Listing, listingScript, readListing, type Wanted } from './tree-listing.ts'

/** What differs travels in one script, which this machine and the host's shell hold in memory while it does. */
export const syncLimit = 64 * 1024 * 1024

export interface SyncDirectoryOptions extends Common {
  /** a folder of this machine: absolute, or a URL beside `import.meta.url`; a localTree where many hosts get it */
  readonly from: string | URL | LocalTree
  /** removes what is on the host and not here, excluded things apart; false unless told */
  readonly delete?: boolean | undefined
  /** globs that are left alone on both sides: see globsExpression. A localTree has its own. */
  readonly exclude?: readonly string[] | undefined
  /** root unless told */
  readonly owner?: Account | undefined
  /** root unless told */
  readonly group?: Account | undefined
  /** of every file; 0o755 for one that its owner can execute here and 0o644 for others unless told */
  readonly fileMode?: number | undefined
  /** of every folder below the path, and of the path itself when it is made; 0o755 unless told */
  readonly directoryMode?: number | undefined
}

/**
 * The files, folders and links of a folder of this machine on the host, by name, content, mode and owner; content is
 * compared by SHA-256, and only what differs is sent. Nothing outside of the path is touched, each file is the old or
 * the new one at any moment, and nothing is deleted without `delete`. An existing directory keeps its own mode and
 * owner: they are for `directory` to say.
 *
 * What differs may be 64 MiB in one run. Contents are not shown, but names are: it is no way to bring secrets.
 */
export function syncDirectory(path: string, options: SyncDirectoryOptions): Resource {
  const { delete: mayDelete = false, exclude, fileMode, directoryMode = 0o755, notify } = options
  absolutePath(path)
  if (mayDelete) refuseSystemPath(path)
  const given = typeof options.from === 'object' && 'entries' in options.from ? options.from : undefined
  if (given !== undefined && exclude !== undefined) {
    throw new TypeError('a localTree has its own exclude')
  }
  const tree = given ?? localTree(options.from as string | URL, { exclude })
  const modes = { file: fileMode, directory: octal(directoryMode) }
  if (fileMode !== undefined && octal(fileMode) > '0777')
    throw new TypeError('fileMode must be 0o777 at most')
  const wanted = new Map<string, Wanted>()
  for (const [key, entry] of tree.entries) {
    const mode = entry.type === 'directory' ? directoryMode : entry.type === 'link' ? 0o777 : undefined
    const executable = entry.type === 'file' && entry.executable
    wanted.set(key, { ...entry, mode: mode ?? modes.file ?? (executable ? 0o755 : 0o644) })
  }
  const accounts = accountsScript(
    account(options.owner ?? 'root', 'owner'),
    account(options.group ?? 'root', 'group'),
  )
  return resource({
    id: `directory tree ${path}`,
    probe: listingScript(path, accounts, tree.excluded, wanted),
    read: ({ stdout }) => readListing(stdout),
    plan: (listing) =>
      planSync(path, listing, { mayDelete, wanted, tree, accounts, rootMode: modes.directory }),
    notify,
  })
}

interface Wish {
  readonly mayDelete: boolean
  readonly wanted: ReadonlyMap<string, Wanted>
  readonly tree: LocalTree
  readonly accounts: ReturnType<typeof accountsScript>
  readonly rootMode: string
}

function planSync(path: string, listing: Listing, wish: Wish): Plan {
  const { mayDelete, wanted, tree, accounts, rootMode } = wish
  const { root, entries, kept, left } = listing
  if (root === 'link' || root === 'other') {
    throw new Conflict(
      `${path} is ${root === 'link' ? 'a link' : 'no directory'}, where a directory should be`,
      {
        hint: 'look at what it is, and remove it or choose another path',
      },
    )
  }
  if (entries === undefined && root === 'directory' && !left) return unchanged
  const there = entries ?? new Map()
  const same = entries === undefined && root === 'directory'
  const work = treeWork(path, same ? new Map() : wanted, there, { delete: mayDelete, kept })
  const { summary, lines, bytes } = told(work, wanted, there)
  if (bytes > syncLimit) {
    throw new Conflict(
      `${byteCount(bytes)} of ${path} differ from ${tree.folder}: one run sends ${byteCount(syncLimit)} at most`,
      { hint: 'let the host fetch it as an archive, or sync it in parts' },
    )
  }
  const words = [
    ...(root === 'absent' ? ['create'] : []),
    ...(summary === '' ? [] : [summary]),
    ...(left ? ['clear what a run that was cut off left'] : []),
  ]
  if (words.length === 0) return unchanged
  return {
    kind: 'change',
    summary: words.join(', '),
    ...(lines.length === 0 ? {} : { diff: shortened(lines) }),
    apply: syncScript({ root: path, accounts, rootMode: `0${rootMode}`, tree, wanted, work }),
    timeoutSeconds: 1800,
  }
}
