import { QuaysideError } from '../../error.ts'
import type { Database } from '../../postgres/database.ts'
import { identifier } from '../../postgres/identifier.ts'
import type { Catalog } from '../postgres/catalog.ts'
import { createDatabase } from '../postgres/create.ts'
import { literal } from './carry.ts'
import { type Mark, markOf, markText } from './mark.ts'

/** A database that a restore made or moved away. */
export interface Marked {
  readonly name: string
  readonly mark: Mark
  readonly bytes: number
}

/** All of a server's, the newest first. */
export async function markedDatabases(admin: Database): Promise<readonly Marked[]> {
  const rows = await admin.rows<{ name: string; comment: string | null; bytes: string }>(
    `select datname as name, shobj_description(oid, 'pg_database') as comment, pg_database_size(oid) as bytes
       from pg_database where not datistemplate`,
  )
  return rows
    .flatMap(({ name, comment, bytes }) => {
      const mark = markOf(comment)
      return mark === undefined ? [] : [{ name, mark, bytes: Number(bytes) }]
    })
    .sort((a, b) => (a.mark.at < b.mark.at ? 1 : -1))
}

export async function exists(admin: Database, database: string): Promise<boolean> {
  return (await admin.rows('select from pg_database where datname = $1', [database])).length > 0
}

/** SQL that marks a database; without a mark, that gives it back its own comment. */
export function markSql(database: string, mark: Mark | undefined, comment: string | null = null): string {
  const text = mark === undefined ? comment : markText(mark)
  return `comment on database ${identifier(database)} is ${text === null ? 'null' : literal(text)}`
}

/** Makes an empty database for a restore, and marks it as not whole. */
export async function makeBeside(
  admin: Database,
  database: string,
  like: Catalog,
  mark: Mark,
): Promise<void> {
  await admin.rows(createDatabase(database, like))
  await admin.rows(markSql(database, mark))
}

/** Drops a database, and cuts off who is connected to it: only one whose mark is still what it was seen to be. */
export async function dropMarked(admin: Database, { name, mark }: Marked): Promise<void> {
  const [now] = await admin.rows<{ comment: string | null }>(
    `select shobj_description(oid, 'pg_database') as comment from pg_database where datname = $1`,
    [name],
  )
  if (now === undefined) return
  const found = markOf(now.comment)
  if (found === undefined || found.run !== mark.run || found.state !== mark.state)
    throw new QuaysideError(`database ${name} is not what it was a moment ago: it is left alone`)
  await admin.rows(`drop database ${identifier(name)} with (force)`)
}

/** Drops what runs that died have left half-made; only under the lock, which says that none of them lives. */
export async function dropUnfinished(admin: Database): Promise<readonly string[]> {
  const left = (await markedDatabases(admin)).filter(({ mark }) => mark.state === 'building')
  for (const each of left) await dropMarked(admin, each)
  return left.map(({ name }) => name)
}
