import { messageOf } from '../../error.ts'
import type { Database } from '../../postgres/database.ts'
import type { BackupVars } from '../settings.ts'
import type { Looked } from './validity.ts'

export type Assertion = BackupVars['drill_assertions'][number]

/** The inventory's own questions of the data; each is asked in a transaction that writes nothing. */
export async function assertionsOf(assertions: readonly Assertion[], database: Database): Promise<Looked> {
  const problems: string[] = []
  for (const { name, sql } of assertions) {
    const fault = await faultOf(database, sql)
    if (fault !== undefined) problems.push(`${name}: ${fault}`)
  }
  return { count: assertions.length, problems }
}

async function faultOf(database: Database, sql: string): Promise<string | undefined> {
  await database.rows('begin read only')
  try {
    return judge(await database.rows<Record<string, unknown>>(sql))
  } catch (error) {
    return messageOf(error)
  } finally {
    await database.rows('rollback')
  }
}

/** Undefined for one row with one column that is true. */
export function judge(rows: readonly Readonly<Record<string, unknown>>[]): string | undefined {
  const [row] = rows
  if (row === undefined || rows.length !== 1) return `it gives ${rows.length} rows, not one with a boolean`
  const values = Object.values(row)
  if (values.length !== 1 || typeof values[0] !== 'boolean')
    return values[0] === null && values.length === 1 ? 'it is null, not true' : 'it gives no single boolean'
  return values[0] ? undefined : 'it is false'
}
