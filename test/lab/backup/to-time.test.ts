import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { identityToRecipient } from 'age-encryption'
import { Ajv } from 'ajv'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Evidence, evidenceSchema } from '../../../lib/backup/drill/index.ts'
import { type Store, storeOf } from '../../../lib/backup/store/index.ts'
import { storeKeys } from '../../../lib/lab/object-store.ts'
import { keysIn } from '../../../lib/secret/age/key.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { stateDir } from '../../../lib/state.ts'
import { walPaths } from '../../../roles/postgres-pgvector/wal/paths.ts'
import { onHost } from '../lab-host.ts'
import { inLab, type PlaybookOptions } from '../playbook.ts'
import { databasesOf } from './databases.ts'

/** A database of its own beside the app's, and a folder of its own in the lab's store. */
const database = 'to_time_test'
const place = {
  bucket: 'quayside',
  prefix: 'to-time-test',
  endpoint: 'http://127.0.0.1:5078',
  host_endpoint: 'http://store.lab:9000',
  region: 'us-east-1',
  path_style: true,
}
let vars = ''
let store: Store

/** The lab's server archives its log for as long as this file runs. */
beforeAll(async () => {
  const { access, secret } = await storeKeys()
  const ofStore = { access_key: new Secret(access), secret_key: new Secret(secret) }
  store = await storeOf({ s3: { ...place, ...ofStore } }, { dir: '/' })
  const keys = await keysIn(`${stateDir('lab')}/age.txt`)
  const [identity] = keys?.identities ?? []
  if (identity === undefined) throw new Error('the lab has no age key')
  const keysOfStore = {
    access_key: { generate: 'backup_access_key' },
    secret_key: { generate: 'backup_secret_key' },
  }
  vars = JSON.stringify({
    backup_store: { s3: { ...place, ...keysOfStore } },
    backup_recipients: [await identityToRecipient(identity.reveal())],
    backup_databases: [database],
    backup_redis: false,
    backup_volumes: [],
    postgres_archive: true,
    postgres_archive_access_key: keysOfStore.access_key,
    postgres_archive_secret_key: keysOfStore.secret_key,
  })
  await dropAll()
  await site(['-x', vars])
  await sql(`create database ${database} owner app`, 'postgres')
  await sql(`create extension vector;
    set role app;
    create table notes (id bigserial primary key, note text not null, e vector(3));
    insert into notes (note, e) select 'note ' || g, array[sin(g), cos(g * 1.7), sin(g * 0.3)]::vector from generate_series(1, 2000) g;
    create index notes_e on notes using hnsw (e vector_cosine_ops);
    -- Dead rows stay where they are, and with them what an index of vectors leads to.
    alter table notes set (autovacuum_enabled = false);
    create table links (id int primary key, note bigint references notes);`)
  const { code, output } = await run('backup', ['base'])
  expect(code, output).toBe(0)
})

/** Without the archiver again, and nothing of it is left. */
afterAll(async () => {
  await dropAll()
  await site([])
  await onHost(
    'db-1',
    `systemctl disable -q --now ${walPaths.unit}
rm -rf /etc/systemd/system/${walPaths.unit} ${walPaths.folder} ${walPaths.state} ${walPaths.metrics}
systemctl daemon-reload`,
  )
  for await (const { key } of store.list('')) await store.remove([key])
  store.close()
})

async function site(args: readonly string[]): Promise<void> {
  const { code, output } = await inLab('site', ['--limit', 'db-1', '--tags', 'postgres-pgvector', ...args])
  expect(code, output).toBe(0)
}

const run = (name: string, args: readonly string[], options: PlaybookOptions = {}) =>
  inLab(name, [...args, '-x', vars], options)
const restore = (args: readonly string[], options: PlaybookOptions = {}) => run('restore', args, options)

const { sql, names: databases, dropAll } = databasesOf(database)

/** What recoveries have left on a host. */
const left = (host = 'db-1') =>
  onHost(
    host,
    `for label in quayside.scratch quayside.drill; do
  docker ps -aq --filter label=$label; docker volume ls -q --filter label=$label; docker network ls -q --filter label=$label
done`,
  )

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
  expect(await left()).toBe('')

  const killed = await restore(['--to-time', at], { signal: { name: 'SIGKILL', after: 'recovered up to' } })
  expect(killed.code, killed.output).toBe(137)
  expect(await left()).not.toBe('')

  const beside = await restore(['--to-time', at])
  expect(beside.output).toMatch(/removed quayside-pitr-\w+, which a recovery that died had left/)
  expect(beside.output).toMatch(
    /to_time_test_restore_\w{6} holds what the server as of \S+ does: 2 tables, 2002 rows/,
  )
  expect(beside.output).not.toContain('the archive ends before')
  expect(beside.code, beside.output).toBe(0)
  expect(await left()).toBe('')
  const name = (await databases()).find((each) => each.includes('_restore_')) ?? ''
  expect(await sql('select note from links', name)).toBe('7')
  expect(await sql(`select to_regclass('links') is null, count(*) from notes`)).toBe('t|10')

  const swapped = await restore(['swap'])
  expect(swapped.code, swapped.output).toBe(0)
  expect(await sql('select note from links')).toBe('7')
  expect(await sql(`select note from notes order by id desc limit 1`)).toBe('the last one')

  // What was swapped in is archived as anything is, and can be gone back to.
  await sql(`insert into notes (note) values ('since the swap')`)
  const again = await restore(['--to-time', 'latest', '--as', `${database}_again`])
  expect(again.code, again.output).toBe(0)
  expect(
    await sql(`select string_agg(note, ', ' order by id) from notes where id > 2000`, `${database}_again`),
  ).toBe('the last one, since the swap')
  expect(await sql('select note from links', `${database}_again`)).toBe('7')

  const undone = await restore(['undo'])
  expect(undone.code, undone.output).toBe(0)
  expect(await sql(`select to_regclass('links') is null`)).toBe('t')
  expect((await databases()).filter((each) => each.includes('_before_'))).toHaveLength(1)
})

test('one table of the latest state, and roles; interrupted, nothing is left', async () => {
  const stopped = await restore(['--to-time', 'latest'], {
    signal: { name: 'SIGINT', after: 'recovered up to' },
  })
  expect(stopped.code, stopped.output).toBe(130)
  expect(await left()).toBe('')
  const part = ['--table', 'public.notes', '--as', `${database}_part`, '--globals']
  const { code, output } = await restore(['--to-time', 'latest', ...part])
  expect(code, output).toBe(0)
  expect(output).toContain('roles and their settings')
  expect(await sql('select count(*) from notes', `${database}_part`)).toBe('10')
  expect(await left()).toBe('')
})

test('a drill of a moment by chance passes, and leaves its evidence alone', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'quayside-to-time-'))
  try {
    const { code, output } = await run('restore-drill', ['--to-time', 'random', '--evidence', dir])
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
    expect(await left('app-2')).toBe('')
  } finally {
    rmSync(dir, { recursive: true })
  }
})

test('a drill fails where the base backup is gone; its figures say so, and nothing is left', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'quayside-to-time-'))
  const [metrics, evidence] = [join(dir, 'drill.prom'), join(dir, 'evidence')]
  try {
    for await (const { key } of store.list('lab/base/')) if (key.endsWith('.age')) await store.remove([key])
    const options = ['--metrics', metrics, '--evidence', evidence]
    const { code, output } = await run('restore-drill', ['--to-time', 'latest', ...options])
    expect(code, output).toBe(1)
    const [json = ''] = readdirSync(evidence).filter((name) => name.endsWith('.json'))
    const { steps } = JSON.parse(readFileSync(join(evidence, json), 'utf8')).payload as Evidence
    const outcomes = Object.fromEntries(steps.map(({ id, outcome }) => [id, outcome]))
    expect(outcomes).toMatchObject({ base: 'ok', recovery: 'failed', server: 'not-run', removed: 'ok' })
    expect(readFileSync(metrics, 'utf8')).toContain('quayside_drill_last_passed{env="lab"} 0\n')
    expect(await left('app-2')).toBe('')
  } finally {
    rmSync(dir, { recursive: true })
  }
})
