import type { Database } from '../../postgres/database.ts'
import { qualified } from '../../postgres/identifier.ts'
import type { DatabasePart } from '../manifest.ts'
import { type Catalog, catalogOf } from '../postgres/catalog.ts'
import { compareCatalogs } from '../postgres/compare.ts'
import { amcheck } from './amcheck.ts'
import { assertionsOf } from './assertions.ts'
import type { IndexRecord, TableRecord } from './evidence.ts'
import { fraction } from './pick.ts'
import { recallOf, type VectorIndex, vectorIndexes } from './recall.ts'
import { postgresOf } from './recovery.ts'
import { sequencesBehind } from './sequences.ts'
import type { Found } from './steps.ts'
import { constraintsOf, indexesOf, type Looked } from './validity.ts'
import { inDatabase, serverOf, type Work } from './work.ts'

/** how many vectors of a table are searched for */
const samples = 20

/** What must hold of restored data; each is asked whatever the others found. */
export async function prove(work: Work): Promise<void> {
  const { steps } = work
  await steps.run('tables', 'every table is as it was', () => tables(work))
  await steps.run('extensions', 'extensions are there, in their versions', () => extensions(work))
  await proveByItself(work)
}

/** What must hold of any database, whatever a manifest says of it. */
export async function proveByItself(work: Work): Promise<void> {
  const { steps } = work
  await steps.run('indexes', 'all indexes are valid', () => looked(work, 'indexes', indexesOf))
  await steps.run('constraints', 'all constraints hold', () => looked(work, 'constraints', constraintsOf))
  await steps.run('sequences', 'no sequence is behind its column', () =>
    looked(work, 'sequences', sequencesBehind),
  )
  await steps.run('vectors', 'vectors are found by their indexes', () => vectors(work))
  await steps.run('assertions', "the inventory's own assertions hold", () => assertions(work))
  // Last, since it adds an extension.
  await steps.run('amcheck', 'pg_amcheck finds tables and indexes whole', () => wholeness(work))
}

async function tables(work: Work): Promise<Found> {
  const { found, jobs, spec } = work
  const problems: string[] = []
  for (const part of postgresOf(work).databases) {
    const here = await catalogOf(serverOf(work), part.name, { parallel: jobs, signal: spec.signal })
    found.catalogs.set(part.name, here)
    found.tables.push(...recordsOf(part, here))
    const differences = compareCatalogs(part, here).filter(({ what }) => !what.startsWith('extension '))
    problems.push(...differences.map(({ what, text }) => `${prefix(work, part.name)}${what}: ${text}`))
  }
  const equal = found.tables.filter((table) => table.equal).length
  return { text: `${equal} of ${found.tables.length} tables have the same rows`, problems }
}

/** The backup's tables beside the restored ones; what holds rows that no dump has (a materialized view) need only be there. */
export function recordsOf(part: DatabasePart, here: Pick<Catalog, 'tables'>): readonly TableRecord[] {
  return part.tables.map((table) => {
    const { schema, name, rows, kind, hash } = table
    const there = here.tables.find((each) => each.schema === schema && each.name === name)
    const equal = there !== undefined && (kind === 'matview' || (there.rows === rows && there.hash === hash))
    return {
      database: part.name,
      schema,
      name,
      rows,
      ...(there === undefined ? {} : { restored: there.rows }),
      equal,
    }
  })
}

async function extensions(work: Work): Promise<Found> {
  const names: string[] = []
  const problems: string[] = []
  for (const part of postgresOf(work).databases) {
    const here = work.found.catalogs.get(part.name)
    if (here === undefined)
      return { text: 'not compared', problems: ['what was restored could not be listed'] }
    names.push(...part.extensions.map(({ name, version }) => `${name} ${version}`))
    const differences = compareCatalogs(part, here).filter(({ what }) => what.startsWith('extension '))
    problems.push(...differences.map(({ what, text }) => `${prefix(work, part.name)}${what}: ${text}`))
  }
  return { text: names.join(', ') || 'none', problems }
}

async function looked(
  work: Work,
  noun: string,
  look: (database: Database) => Promise<Looked>,
): Promise<Found> {
  const all: Looked[] = []
  for (const name of work.found.databases) {
    const { count, problems } = await inDatabase(work, name, look)
    all.push({ count, problems: problems.map((each) => `${prefix(work, name)}${each}`) })
  }
  return {
    text: `${all.reduce((sum, { count }) => sum + count, 0)} ${noun}`,
    problems: all.flatMap(({ problems }) => problems),
  }
}

async function vectors(work: Work): Promise<Found> {
  const { found, spec, chosen } = work
  const least = spec.plan.settings.drill_recall
  const problems: string[] = []
  for (const name of found.databases) {
    await inDatabase(work, name, async (database) => {
      for (const index of await vectorIndexes(database)) {
        // A copy of the server's files has the dead rows of that moment, too: an index that leads to them looks bad, and is not.
        if (found.recovery !== undefined)
          await database.rows(
            `vacuum (index_cleanup on) ${qualified({ schema: index.tableSchema, name: index.table })}`,
          )
        const seed = fraction(Number.parseInt(chosen.id.slice(-6), 16) || 0)
        const { recall, samples: asked, unused } = await recallOf(database, index, { samples, seed })
        const build = found.restored
          .get(name)
          ?.find((each) => each.kind === 'INDEX' && each.name === index.name)
        found.indexes.push({
          ...recordOf(name, index, build?.ms),
          samples: asked,
          ...(recall === undefined ? {} : { recall }),
        })
        if (unused === true) problems.push(`${index.name}: no search uses it`)
        if (recall !== undefined && recall < least)
          problems.push(
            `${index.name} finds ${percent(recall)} of the nearest, and ${percent(least)} is wanted`,
          )
      }
    })
  }
  if (found.indexes.length === 0) return { text: 'no index of vectors', skipped: true }
  return { text: found.indexes.map(inWords).join(', '), problems }
}

function recordOf(database: string, index: VectorIndex, buildMs: number | undefined): IndexRecord {
  const { name, tableSchema, table, method } = index
  const build = buildMs === undefined ? {} : { buildMs }
  return { database, name, table: `${tableSchema}.${table}`, method, ...build }
}

function inWords({ name, recall, buildMs }: IndexRecord): string {
  const found = recall === undefined ? 'no vectors' : `recall ${percent(recall)}`
  return `${name}: ${found}${buildMs === undefined ? '' : `, built in ${(buildMs / 1000).toFixed(1)} s`}`
}

async function assertions(work: Work): Promise<Found> {
  const { drill_assertions: all } = work.spec.plan.settings
  if (all.length === 0) return { text: 'none in the inventory', skipped: true }
  const [first] = work.found.databases
  const problems: string[] = []
  for (const assertion of all) {
    const name = assertion.database ?? first ?? 'postgres'
    const looked = await inDatabase(work, name, (database) => assertionsOf([assertion], database))
    problems.push(...looked.problems)
  }
  return { text: all.map(({ name }) => name).join(', '), problems }
}

async function wholeness(work: Work): Promise<Found> {
  const { session, scratch, jobs, spec } = work
  const problems: string[] = []
  let text = ''
  for (const name of work.found.databases) {
    const options = { jobs, signal: spec.signal }
    const found = await inDatabase(work, name, (database) =>
      amcheck(session.connection, scratch.name, database, options),
    )
    text = text === '' || found.problems !== undefined ? found.text : text
    problems.push(...(found.problems ?? []).map((each) => `${prefix(work, name)}${each}`))
  }
  return { text, problems }
}

/** Which database, where there are several. */
export function prefix(work: Work, database: string): string {
  return work.found.databases.length > 1 ? `${database}: ` : ''
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`
}
