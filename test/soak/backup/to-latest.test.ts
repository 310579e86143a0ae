import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Evidence } from '../../../lib/backup/drill/index.ts'
import { type Archive, beginArchive, leftOn } from '../../lab/backup/archive.ts'
import { databasesOf } from '../../lab/backup/databases.ts'
import type { PlaybookOptions } from '../../lab/playbook.ts'

const database = 'to_latest_test'
const { sql, names: databases } = databasesOf(database)
let archive: Archive

beforeAll(async () => {
  archive = await beginArchive(database)
})

afterAll(() => archive.end())

const restore = (args: readonly string[], options?: PlaybookOptions) => archive.run('restore', args, options)

test('what was swapped in is archived as anything is, and can be gone back to', async () => {
  await sql(`insert into links values (1, 7); delete from notes where id > 10`)
  const beside = await restore(['--to-time', 'latest'])
  expect(beside.code, beside.output).toBe(0)
  const swapped = await restore(['swap'])
  expect(swapped.code, swapped.output).toBe(0)
  await sql(`insert into notes (note) values ('since the swap')`)
  const again = await restore(['--to-time', 'latest', '--as', `${database}_again`])
  expect(again.code, again.output).toBe(0)
  expect(await sql('select note from notes where id > 2000', `${database}_again`)).toBe('since the swap')
  expect(await sql('select note from links', `${database}_again`)).toBe('7')
  const undone = await restore(['undo'])
  expect(undone.code, undone.output).toBe(0)
  expect((await databases()).filter((each) => each.includes('_before_'))).toHaveLength(1)
})

test('one table of the latest state, and roles; interrupted, nothing is left', async () => {
  const stopped = await restore(['--to-time', 'latest'], {
    signal: { name: 'SIGINT', after: 'recovered up to' },
  })
  expect(stopped.code, stopped.output).toBe(130)
  expect(await leftOn('db-1')).toBe('')
  const part = ['--table', 'public.notes', '--as', `${database}_part`, '--globals']
  const { code, output } = await restore(['--to-time', 'latest', ...part])
  expect(code, output).toBe(0)
  expect(output).toContain('roles and their settings')
  expect(await sql('select count(*) from notes', `${database}_part`)).toBe('10')
  expect(await leftOn('db-1')).toBe('')
})

test('a drill fails where the base backup is gone; its figures say so, and nothing is left', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'quayside-to-time-'))
  const [metrics, evidence] = [join(dir, 'drill.prom'), join(dir, 'evidence')]
  try {
    for await (const { key } of archive.store.list('lab/base/'))
      if (key.endsWith('.age')) await archive.store.remove([key])
    const options = ['--metrics', metrics, '--evidence', evidence]
    const { code, output } = await archive.run('restore-drill', ['--to-time', 'latest', ...options])
    expect(code, output).toBe(1)
    const [json = ''] = readdirSync(evidence).filter((name) => name.endsWith('.json'))
    const { steps } = JSON.parse(readFileSync(join(evidence, json), 'utf8')).payload as Evidence
    const outcomes = Object.fromEntries(steps.map(({ id, outcome }) => [id, outcome]))
    expect(outcomes).toMatchObject({ base: 'ok', recovery: 'failed', server: 'not-run', removed: 'ok' })
    expect(readFileSync(metrics, 'utf8')).toContain('quayside_drill_last_passed{env="lab"} 0\n')
    expect(await leftOn('app-2')).toBe('')
  } finally {
    rmSync(dir, { recursive: true })
  }
})
