import { QuaysideError } from '../../error.ts'
import type { Database, Server } from '../../postgres/database.ts'
import { identifier } from '../../postgres/identifier.ts'
import { sqlState } from '../../postgres/sql-error.ts'
import { type Script, sh } from '../../script/index.ts'

/**
 * What hangs on a database itself (privileges, connection limit, ALTER DATABASE … SET) is in each dump, and given out with
 * --create alone, which would make a database of the old name. So it is had as SQL, and said of the new one.
 */
const about = `LC_ALL=C pg_restore --create --list "$1" | grep -E '^[0-9]+; [0-9]+ [0-9]+ (DATABASE|(ACL|COMMENT) - DATABASE) ' >"$1.about"
[ ! -s "$1.about" ] || LC_ALL=C exec pg_restore --create --use-list="$1.about" --file=- "$1"`

/** Prints that SQL, from the head of a dump in the container. */
export function propertiesScript(container: string, head: string): Script {
  return sh`docker exec -u postgres ${container} sh -c ${about} sh ${head}`
}

/** What a dump says of its database. */
export interface Properties {
  /** SQL, each one statement, that gives another database the same */
  readonly statements: readonly string[]
  readonly comment: string | undefined
}

/** Reads what pg_restore --create prints about a database, for a database of another name. */
export function propertiesOf(sql: string, from: string, to: string): Properties {
  const name = `(?:${[from, identifier(from)].map(escaped).join('|')})`
  const given = new RegExp(
    `^((?:ALTER|GRANT|REVOKE) .*?\\bDATABASE )${name}( (?:SET|CONNECTION LIMIT|TO|FROM) .*)$`,
    's',
  )
  const comment = new RegExp(`^COMMENT ON DATABASE ${name} IS '(.*)'$`, 's')
  const all = statementsOf(sql)
  return {
    statements: all.flatMap((each) => {
      const [, head, tail] = given.exec(each) ?? []
      return head === undefined ? [] : [`${head}${identifier(to)}${tail}`]
    }),
    comment: all
      .map((each) => comment.exec(each)?.[1])
      .find((each) => each !== undefined)
      ?.replaceAll("''", "'"),
  }
}

/** The statements of SQL as pg_dump writes it, without comments and psql's own commands. A quoted text may hold anything. */
export function statementsOf(sql: string): readonly string[] {
  const pieces = sql.match(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|^\\[^\n]*|;|[^'";\\-]+|[\s\S]/gm) ?? []
  const statements: string[] = []
  let current = ''
  for (const piece of pieces) {
    if (piece.startsWith('--') || /^\\./.test(piece)) continue
    if (piece !== ';') current += piece
    else {
      statements.push(current.trim())
      current = ''
    }
  }
  return statements
}

/** Gives a restored database what its backup says of it; what this server cannot give (a role that it lacks) is told. */
export async function applyProperties(
  admin: Database,
  server: Server,
  head: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<{ readonly notes: readonly string[]; readonly comment: string | undefined }> {
  const { code, stdout, stderr } = await server.connection.run(propertiesScript(server.container, head))
  if (code !== 0)
    throw new QuaysideError(
      `${server.connection.name}: what hangs on ${from} cannot be read: ${stderr.trim()}`,
    )
  const { statements, comment } = propertiesOf(stdout, from, to)
  const notes: string[] = []
  for (const each of statements) {
    try {
      await admin.rows(each)
    } catch (error) {
      const state = sqlState(error)
      if (state === undefined) throw error
      // Without the value, which may be a secret of the app's; nor in the server's own words, which repeat it.
      notes.push(`the server would not (${state}): ${each.replace(/ (TO|=) '.*$/s, ' $1 …')}`)
    }
  }
  return { notes, comment }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
