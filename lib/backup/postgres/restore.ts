import { type Script, sh } from '../../script/index.ts'
import { conninfo, inContainer } from './tool.ts'

export interface RestoreOptions {
  /** sessions at once; only from a file, since they jump about in it */
  readonly jobs?: number
  /** "pre-data", "data", "post-data"; all unless told */
  readonly sections?: readonly string[]
  /** a file in the container that says what to restore, in pg_restore's own form; all unless told */
  readonly list?: string
  /** schemas by name; all unless told */
  readonly schemas?: readonly string[]
  /** tables by name, whatever their schema: their definitions and rows, without indexes and constraints */
  readonly tables?: readonly string[]
  /** objects belong to who restores, and nothing is granted: for a server that lacks the roles */
  readonly anonymous?: boolean
  /** says on standard error what it begins and ends, an item a line */
  readonly verbose?: boolean
}

/** Restores a dump into a database that exists and is empty: from a file in the container, or from standard input. Ends at the first error. */
export function restoreScript(
  container: string,
  database: string,
  source: { readonly file: string } | 'stdin',
  options: RestoreOptions = {},
): Script {
  const {
    jobs = 1,
    sections = [],
    list,
    schemas = [],
    tables = [],
    anonymous = false,
    verbose = false,
  } = options
  if (source === 'stdin' && jobs > 1) throw new TypeError('several jobs need a file to jump about in')
  return inContainer(
    container,
    'pg_restore',
    sh`--exit-on-error --no-password ${`--dbname=${conninfo(database)}`}`,
    sh`${[
      ...(jobs > 1 ? [`--jobs=${jobs}`] : []),
      ...sections.map((each) => `--section=${each}`),
      ...(list === undefined ? [] : [`--use-list=${list}`]),
      ...schemas.map((each) => `--schema=${each}`),
      ...tables.map((each) => `--table=${each}`),
      ...(anonymous ? ['--no-owner', '--no-acl'] : []),
      ...(verbose ? ['--verbose'] : []),
      ...(source === 'stdin' ? [] : [source.file]),
    ]}`,
  )
}

/** Prints what a dump holds, with a header that `readArchiveHeader` reads; from a file in the container or standard input. */
export function listScript(container: string, source: { readonly file: string } | 'stdin'): Script {
  return inContainer(container, 'pg_restore', sh`--list ${source === 'stdin' ? [] : [source.file]}`)
}
