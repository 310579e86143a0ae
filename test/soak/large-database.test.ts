import { afterAll, beforeAll, expect, test } from 'vitest'
import { largeDatabase } from '../../bench/backup/data.ts'
import { database, inDumps, leave, playbook, sql } from '../../bench/backup/lab.ts'
import { peakMemory, timed } from '../../bench/measure.ts'

/** MiB that a run may take on the machine that it is started from, whatever the size of the database. */
const most = 200

const restored = 'bench_restored'
/** It says so only where rows and hash of each table, large objects and sequences are the manifest's. */
const holds = /bench_restored holds what backup \S+ does: 9 tables/

beforeAll(async () => {
  await timed({ argv: playbook('site') })
  // Each playbook is bundled when it first runs, which takes more memory than the playbook does.
  for (const name of ['backup', 'restore']) await timed({ argv: [...playbook(name), '--help'] })
  await sql(`drop database if exists ${database} with (force)`, 'postgres')
  await sql(`create database ${database}`, 'postgres')
  for (const { what, sql: text } of largeDatabase()) {
    console.log(what)
    await sql(text)
  }
})

afterAll(async () => {
  await timed({ argv: playbook('restore', 'drop-beside') })
  await sql(`drop database if exists ${database} with (force)`, 'postgres')
  await leave()
})

test('a database of more than 2 GB is taken and restored, in little memory, and every hash is equal', async () => {
  expect(Number(await sql(`select pg_database_size('${database}')`))).toBeGreaterThan(2_000_000_000)
  const { mib: taking } = await peakMemory({ argv: playbook('backup', 'take') })
  const { mib: restoring, stdout: said } = await peakMemory({
    argv: playbook('restore', 'newest', '--as', restored),
  })
  console.log(`peak memory: ${taking.toFixed(0)} MiB taking, ${restoring.toFixed(0)} MiB restoring\n${said}`)
  expect(said).toMatch(holds)
  expect(await sql('select length(content) from files where id = 0', restored)).toBe('100000000')
  expect(Math.max(taking, restoring)).toBeLessThan(most)
})

test('the same in more dumps than there are processors', async () => {
  await timed({ argv: playbook('restore', 'drop-beside') })
  const { mib: taking } = await peakMemory({ argv: inDumps(3, 'backup', 'take') })
  const { mib: restoring, stdout: said } = await peakMemory({
    argv: inDumps(3, 'restore', 'newest', '--as', restored, '--jobs', '3'),
  })
  console.log(`peak memory: ${taking.toFixed(0)} MiB taking, ${restoring.toFixed(0)} MiB restoring\n${said}`)
  expect(said).toMatch(holds)
  expect(Math.max(taking, restoring)).toBeLessThan(most)
})
