import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Evidence, evidenceSchema } from '../../../lib/backup/drill/index.ts'
import type { PlaybookOptions } from '../playbook.ts'
import { type Archive, beginArchive, leftOn } from './archive.ts'
import { databasesOf } from './databases.ts'

const database = 'to_time_test'
const { sql, names: databases } = databasesOf(database)
let archive: Archive

beforeAll(async () => {
  archive = await beginArchive(database)
})

afterAll(() => archive.end())

const restore = (args: readonly string[], options?: PlaybookOptions) => archive.run('restore', args, options)

const now = () => sql(`select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`)

test('a table that was dropped comes back: killed half-way, again, beside, swapped, and undone', async () => {
  await sql(`insert into links values (1, 7); insert into notes (note) values ('the last one')`)
  const at = await now()
  await sql('select pg_sleep(0.01)')
  await sql(`drop table links; delete from notes where id > 10`)

  const foreseen = await restore(['--to-time', at, '--check'])
  expect(foreseen.output).toMatch(/would begin with base backup \S+ of \S+, and \d+ of \d+ segments/)
  expect(foreseen.output).toContain('would have the live server archive its log up to now')
  expect(foreseen.code).toBe(0)
  expect(await leftOn('db-1')).toBe('')

  const killed = await restore(['--to-time', at], { signal: { name: 'SIGKILL', after: 'recovered up to' } })
  expect(killed.code, killed.output).toBe(137)
  expect(await leftOn('db-1')).not.toBe('')

  const beside = await restore(['--to-time', at])
  expect(beside.output).toMatch(/removed quayside-pitr-\w+, which a recovery that died had left/)
  expect(beside.output).toMatch(
    /to_time_test_restore_\w{6} holds what the server as of \S+ does: 2 tables, 2002 rows/,
  )
  expect(beside.output).not.toContain('the archive ends before')
  expect(beside.code, beside.output).toBe(0)
  expect(await leftOn('db-1')).toBe('')
  const name = (await databases()).find((each) => each.includes('_restore_')) ?? ''
  expect(await sql('select note from links', name)).toBe('7')
  expect(await sql(`select to_regclass('links') is null, count(*) from notes`)).toBe('t|10')

  const swapped = await restore(['swap'])
  expect(swapped.code, swapped.output).toBe(0)
  expect(await sql('select note from links')).toBe('7')
  expect(await sql(`select note from notes order by id desc limit 1`)).toBe('the last one')

  const undone = await restore(['undo'])
  expect(undone.code, undone.output).toBe(0)
  expect(await sql(`select to_regclass('links') is null`)).toBe('t')
  expect((await databases()).filter((each) => each.includes('_before_'))).toHaveLength(1)
})

test('a drill of a moment by chance passes, and leaves its evidence alone', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'quayside-to-time-'))
  try {
    const { code, output } = await archive.run('restore-drill', ['--to-time', 'random', '--evidence', dir])
    expect(code, output).toBe(0)
    expect(output).toMatch(/drills \S+ \(to \S+Z, random with seed \d+\) on app-2/)
    expect(output).toContain('The point in time can be had')
    const [json = ''] = readdirSync(dir).filter((name) => name.endsWith('.json'))
    const { payload } = JSON.parse(readFileSync(join(dir, json), 'utf8'))
    const check = new Ajv({ strict: true }).compile(evidenceSchema)
    expect([check(payload), check.errors]).toEqual([true, null])
    const { recovery, steps, backup, rtoSeconds, drill, apps } = payload as Evidence
    const outcomes = Object.fromEntries(steps.map(({ id, outcome }) => [id, outcome]))
    const held = [
      'base',
      'recovery',
      'server',
      'readable',
      'extensions',
      'indexes',
      'constraints',
      'sequences',
    ]
    for (const id of [...held, 'vectors', 'amcheck', 'app', 'removed'])
      expect(outcomes).toHaveProperty(id, 'ok')
    // Nothing but the base backup says which release was served: there is no other backup here.
    expect(output).toMatch(
      /; (\S+) was served, says base backup[\s\S]*the matching release runs and answers: ok: \1:/,
    )
    expect(outcomes).toHaveProperty('redis', 'skipped')
    expect(apps[0]?.answers).toContainEqual({ path: '/api/ready', status: 200 })
    expect(outcomes).not.toHaveProperty('tables')
    expect(output).toContain(`(to ${recovery?.to}, random`)
    expect(rtoSeconds).toBeGreaterThan(0)
    expect(output).toContain(`lab/base/${backup}/drills/${drill}.json in `)
    expect(await leftOn('app-2')).toBe('')
  } finally {
    rmSync(dir, { recursive: true })
  }
})
