import { feed, piped, type Script, sh } from '../../script/index.ts'
import type { Settings } from '../postgres/load-settings.ts'
import { unpacked } from '../postgres/packed.ts'
import { conninfo, inContainer } from '../postgres/tool.ts'
import { freezing } from './frozen.ts'

/** Where the heads of dumps are while a run needs them: a tmpfs of the container, whose own user alone can read it. */
export function headFolder(run: string): string {
  return `/tmp/quayside-restore-${run}`
}

/** The head of the dump with that number of a run. */
export function headFile({ run }: { readonly run: string }, index: number): string {
  return `${headFolder(run)}/${index}.head`
}

/** Removes what runs have left in the container; only under the lock, which says that none of them lives. */
export function sweepHeads(container: string): Script {
  return sh`docker exec -u postgres ${container} sh -c 'rm -rf /tmp/quayside-restore-*'`
}

/**
 * A dump that was written to a pipe begins with its table of contents. That much is kept in the container, whose
 * pg_restore lists it: whoever can do that can read the dump. What is behind it is not waited for.
 */
const head = `umask 077; mkdir -p "\${1%/*}" && head -c 8388608 >"$1" || exit 1
until LC_ALL=C pg_restore -l "$1" 2>"$1.said"; do
  had=$(wc -c <"$1")
  if ! grep -q 'end of file\\|could not read' "$1.said" || [ "$had" -gt 134217728 ]; then cat "$1.said" >&2; exit 1; fi
  head -c 33554432 >>"$1"
  [ "$(wc -c <"$1")" -gt "$had" ] || { cat "$1.said" >&2; exit 1; }
done`

/** Keeps the beginning of what a script writes of a dump, compressed; prints its list. */
export function keepHead(dump: Script, container: string, file: string): Script {
  // Only the last one's end counts: what writes the dump is cut off as a matter of course.
  return sh`(${dump}
) | zstd -dq 2>/dev/null | docker exec -i -u postgres ${container} sh -c ${head} sh ${file}`
}

/** Writes a list for pg_restore -L into the container. */
export function writeList(container: string, file: string, list: string): Script {
  return sh`{ base64 -d${feed(list)}} | docker exec -i -u postgres ${container} sh -c 'umask 077; cat >"$1"' sh ${file}`
}

/** What is loaded into, and what of it. */
export interface Load {
  readonly container: string
  readonly database: string
  /** what its sessions set */
  readonly settings: Settings
  /** a list for -L, in the container */
  readonly list?: string | undefined
}

/** Tables without their rows: all that they need of the dump is its head. */
export function loadTables(load: Load & { readonly head: string }): Script {
  return pgRestore(load, ['--section=pre-data', load.head])
}

/**
 * Rows alone, for tables that are there, from what a script writes of a dump, compressed. It travels as it comes, into one
 * pg_restore: nothing of it is ever on a disk but in the database. `empty` is emptyTables' list, in the container.
 */
export function loadRows(dump: Script, load: Load & { readonly empty: string }): Script {
  return piped(
    dump,
    unpacked(load.container, 'pg_restore', words(load, ['--section=data']), freezing(load.empty)),
  )
}

/** Indexes, constraints and triggers, several at a time: all that they need of the dump is its head. */
export function loadRest(load: Load & { readonly jobs: number; readonly head: string }): Script {
  return pgRestore(load, ['--section=post-data', `--jobs=${load.jobs}`, load.head])
}

function pgRestore(load: Load, more: readonly string[]): Script {
  return inContainer(load.container, 'pg_restore', words(load, more))
}

function words({ database, settings, list }: Load, more: readonly string[]): Script {
  const all = [
    '--exit-on-error',
    '--no-password',
    `--dbname=${conninfo(database, settings)}`,
    ...(list === undefined ? [] : [`--use-list=${list}`]),
    ...more,
  ]
  return sh`${all}`
}
