import { type DatabaseChoice, readTable, type Wanted, type Wished } from '../backup/restore/index.ts'
import { UsageError } from '../error.ts'
import type { Args } from './flags.ts'

/**
 * Which databases of an origin ("backup 2026…") a command line means, and what of them; throws a UsageError for what it
 * does not have.
 */
export function databaseChoice(
  args: Args,
  origin: string,
  databases: readonly Wished[],
  scrub: DatabaseChoice['scrub'],
): DatabaseChoice {
  const wanted = wantedOf(args)
  const as = args.text('as')
  if ((as !== undefined || wanted !== undefined) && databases.length !== 1)
    throw new UsageError(
      `${as === undefined ? '--table and --schema are' : '--as is'} for one database`,
      `--database ${databases.map(({ name }) => name).join(', or --database ')}`,
    )
  for (const each of wanted?.tables ?? [])
    if (!databases.some((db) => db.tables.some((t) => t.schema === each.schema && t.name === each.name)))
      throw new UsageError(`${origin} has no table ${each.schema}.${each.name}`)
  return {
    databases,
    wanted,
    as,
    swap: args.has('swap'),
    globals: args.has('globals'),
    scrub,
    jobs: args.number('jobs', 1) ?? 2,
  }
}

/** The names that --database means among those that there are: without it, all that are meant by default. */
export function chosenNames(
  args: Args,
  origin: string,
  all: readonly string[],
  byDefault: readonly string[] = all,
): readonly string[] {
  const given = args.texts('database')
  const names = given.length === 0 ? byDefault : given
  const unknown = names.find((name) => !all.includes(name))
  if (unknown !== undefined)
    throw new UsageError(`${origin} has no database ${unknown}`, `it has ${all.join(', ') || 'none'}`)
  return all.filter((name) => names.includes(name))
}

function wantedOf(args: Args): Wanted | undefined {
  const tables = args.texts('table').flatMap((text) => readTable(text) ?? [])
  const schemas = args.texts('schema')
  return tables.length > 0 || schemas.length > 0 ? { tables, schemas } : undefined
}
