import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { openSnapshot } from '../../../lib/backup/postgres/snapshot.ts'
import { lockableTables } from '../../../lib/backup/postgres/table-lock.ts'
import { s3Store } from '../../../lib/backup/store/s3/index.ts'
import { containerOf, storeMachine } from '../../../lib/lab/topology.ts'
import { openDatabase } from '../../../lib/postgres/database.ts'
import { faultProxy } from '../../backup/fault-proxy.ts'
import { databasesOf } from '../../lab/backup/databases.ts'
import { postgresServer } from '../../lab/backup/postgres-host.ts'
import { cleared, endpoint, quick, settingsOf } from '../../lab/backup/s3-server.ts'
import { onHost } from '../../lab/lab-host.ts'
import { inLab, type Outcome, type PlaybookOptions } from '../../lab/playbook.ts'

/** A database of its own beside the app's, of so many rows that its dump fills every pipe on its way. */
const database = 'bad_days_test'
const rows = 200_000
const folder = mkdtempSync(join(tmpdir(), 'quayside-bad-days-'))
const store = join(folder, 'store')

const vars = (more: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({
    backup_store: { directory: store },
    backup_databases: [database],
    backup_redis: false,
    backup_volumes: [],
    ...more,
  })
const take = (more: Readonly<Record<string, unknown>> = {}, options: PlaybookOptions = {}) =>
  inLab('backup', ['take', '-x', vars(more)], options)
const restore = (words: readonly string[], options: PlaybookOptions = {}) =>
  inLab('restore', [...words, '-x', vars()], options)

const { sql, names: databases, dropAll } = databasesOf(database)

/** What of a backup or a restore is still there on db-1: programs, sessions, the lock, files in the container. */
const left = async () => {
  const programs = await onHost(
    'db-1',
    `for each in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <"$each" 2>/dev/null && echo; done | grep -E '^(age|zstd|tar|pg_dump|pg_dumpall|pg_restore) ' || :
docker exec postgres sh -c 'ls -d /tmp/quayside-* 2>/dev/null' || :
flock -n /var/lib/quayside/backup/lock true || echo locked`,
  )
  const sessions = await sql(
    `select application_name, datname from pg_stat_activity where application_name like 'quayside%'`,
    'postgres',
  )
  return `${programs}${sessions}`
}

/** Waits until there is nothing: what was killed is ended by the host, a moment later. */
const nothingLeft = () => expect.poll(left, { timeout: 30_000, interval: 500 }).toBe('')

/** Backups in the store: complete and begun ones. */
function inStore(): { whole: number; begun: number; halves: number } {
  const ids = readdirSync(join(store, 'lab/backups'))
  const files = readdirSync(store, { recursive: true, encoding: 'utf8' })
  const whole = ids.filter((id) => files.includes(`lab/backups/${id}/manifest.json`)).length
  return { whole, begun: ids.length - whole, halves: files.filter((each) => each.includes('.part-')).length }
}

/** Stops age on db-1 once pg_dump is at work, so that the dump stands still half-way for as long as it takes. */
const hold = () =>
  onHost(
    'db-1',
    `end=$(($(date +%s) + 60))
until pgrep -f '^pg_dump --format' >/dev/null && held=$(pgrep -x age); do [ "$(date +%s)" -lt $end ] || exit 1; sleep 0.02; done
kill -STOP $held; sleep 0.5; pgrep -f '^pg_dump --format' >/dev/null`,
  )
const letGo = () => onHost('db-1', 'pkill -CONT -x age || :')

/** Takes a backup, and does something while its dump stands still. */
async function whileDumping(work: () => Promise<void>): Promise<Outcome> {
  const holding = hold()
  const taking = take()
  try {
    await holding
    await work()
  } finally {
    await letGo()
  }
  return taking
}

beforeAll(async () => {
  await dropAll()
  await sql(`create database ${database} owner app`, 'postgres')
  await sql(`set role app;
    create table rows as select g as id, md5(g::text) || md5((g * 7)::text) || md5((g * 11)::text) as word from generate_series(1, ${rows}) g;
    create table few as select generate_series(1, 10) as id;
    create index on rows (word); create index on rows (md5(word)); alter table rows add primary key (id);`)
  const { code, output } = await take()
  expect(code, output).toBe(0)
})

afterAll(async () => {
  await dropAll()
  rmSync(folder, { recursive: true, force: true })
})

test('PostgreSQL goes down in the middle of a dump, and comes up again', async () => {
  const before = inStore()
  // One server process that dies takes all sessions with it. (Docker restarts no container while output of it stands still.)
  const { code, stderr, output } = await whileDumping(async () => {
    await onHost(
      'db-1',
      `kill -KILL "$(pgrep -f '^postgres: postgres ${database} ' | head -n 1)"
left=100; until docker exec postgres psql -U postgres -qc 'select 1' >/dev/null 2>&1; do left=$((left - 1)); [ $left -gt 0 ] || exit 1; sleep 0.2; done`,
    )
  })
  expect([1, 4], output).toContain(code) // pg_dump is the first to tell, or a session
  expect(stderr).toMatch(/db-1: [\s\S]*(server closed the connection|was lost: Connection terminated)/)
  await nothingLeft()
  expect(inStore()).toEqual({ ...before, begun: before.begun + 1 })
  expect(await sql('select count(*) from rows')).toBe(String(rows))
})

test('DROP TABLE waits for a dump, a restore is refused, and the backup is whole', async () => {
  let dropped = ''
  let refused: Outcome | undefined
  const { code, output } = await whileDumping(async () => {
    dropped = await sql(`set lock_timeout = '500ms'; drop table few;`).catch((error: Error) => error.message)
    refused = await restore([])
  })
  expect(dropped).toContain('canceling statement due to lock timeout')
  expect(refused?.output).toMatch(/db-1: locked: \S+ runs backup since 20/)
  expect(refused?.code).toBe(1)
  expect(code, output).toBe(0)
  expect(output).toContain(`database ${database}: 2 tables, ${rows + 10} rows`)
  await nothingLeft()
})

test('a table that a migration holds for longer than we wait ends the backup, and nothing is left', async () => {
  const before = inStore()
  const holding = sql(`begin; lock table few in access exclusive mode; select pg_sleep(50); commit;`)
  const { code, output, ms } = await take()
  expect(code, output).toBe(1)
  expect(output).toMatch(
    /database bad_days_test: a table is being altered or dropped, or somebody waits to do it, and it took longer than 30 s/,
  )
  expect(output).toContain('once the migration is through, try again')
  expect(ms).toBeGreaterThan(30_000)
  await nothingLeft()
  expect(inStore().whole).toBe(before.whole)
  await holding
  const next = await take()
  expect(next.code, next.output).toBe(0)
})

test('a table that is dropped between the look at the tables and the lock on them is in no snapshot', async () => {
  const server = await postgresServer()
  try {
    await using other = await openDatabase(server, database, { purpose: 'test' })
    await other.rows('create table passing (id int)')
    await other.rows('begin')
    await other.rows('drop table passing')
    const opening = openSnapshot(server, database)
    await expect
      .poll(() =>
        sql(
          `select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = '${database}'`,
        ),
      )
      .toBe('1')
    await other.rows('commit')
    await using snapshot = await opening
    const names = (await lockableTables(snapshot.database)).map(({ name }) => name)
    expect(names.sort()).toEqual(['few', 'rows'])
  } finally {
    await server.connection.close()
  }
})

test('killed at each step: no backup, and nothing goes on', async () => {
  const before = inStore()
  for (const after of ['takes backup', 'roles and grants: ', `database ${database}: `]) {
    const killed = await take({}, { signal: { name: 'SIGKILL', after } })
    expect(killed.code, after).toBe(137)
    await nothingLeft()
  }
  const { whole, begun } = inStore()
  expect(whole).toBe(before.whole)
  expect(begun).toBeGreaterThan(before.begun)
  const listed = await inLab('backup', ['list', '-x', vars()])
  expect(listed.output.match(/incomplete/g)).toHaveLength(begun)
  const next = await take()
  expect(next.code, next.output).toBe(0)
  await nothingLeft()
})

test('a restore that is killed leaves what serves, and the next one drops what is half-made', async () => {
  const building = await restore(['newest'], {
    signal: { name: 'SIGKILL', after: 'indexes and constraints' },
  })
  expect(building.code, building.output).toBe(137)
  expect(await sql('select count(*) from rows')).toBe(String(rows))
  expect(await databases()).toEqual([database, expect.stringMatching(/_restore_\w{6}$/)])
  const swapping = await restore(['newest', '--swap'], {
    signal: { name: 'SIGKILL', after: 'holds what backup' },
  })
  expect(swapping.code, swapping.output).toBe(137)
  expect(swapping.output).toMatch(/dropped bad_days_test_restore_\w{6}, which a run that died/)
  // In the middle of a swap or just before it: there is one that serves, and it is whole.
  expect(await sql('select count(*) from rows')).toBe(String(rows))
  expect(await databases()).toHaveLength(2)
  await restore(['drop-beside'])
  await nothingLeft()
  await restore(['drop-old'])
  expect(await databases()).toEqual([database])
})

test('PostgreSQL goes down in the middle of a restore, and comes up again: what serves is whole, the next run succeeds', async () => {
  // One server process that dies takes all sessions with it; that of a COPY is at it for a second.
  const breaking = onHost(
    'db-1',
    `end=$(($(date +%s) + 60))
until killed=$(pgrep -f '^postgres: postgres ${database}_restore_.* COPY' | head -n 1) && [ -n "$killed" ]; do [ "$(date +%s)" -lt $end ] || exit 1; sleep 0.02; done
kill -KILL "$killed"
left=100; until docker exec postgres psql -U postgres -qc 'select 1' >/dev/null 2>&1; do left=$((left - 1)); [ $left -gt 0 ] || exit 1; sleep 0.2; done`,
  )
  const { code, output } = await restore(['newest', '--swap'])
  await breaking
  expect([1, 4], output).toContain(code)
  expect(output).toMatch(/server closed the connection|was lost|terminating connection|in recovery mode/)
  await nothingLeft()
  expect(await sql('select count(*) from rows')).toBe(String(rows))
  const next = await restore(['newest', '--swap'])
  expect(next.code, next.output).toBe(0)
  expect(await sql('select count(*) from rows')).toBe(String(rows))
  await restore(['drop-old'])
  expect(await databases()).toEqual([database])
})

const small = join(folder, 'small')
mkdirSync(small)
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', small]).status === 0
afterAll(() => {
  if (mounted) spawnSync('umount', [small])
})

test.runIf(mounted)('the disk of the store is full', async () => {
  const { code, stderr } = await take({ backup_store: { directory: small } })
  expect(code).toBe(1)
  expect(stderr).toMatch(/the disk is full/)
  expect(stderr).toContain('hint:')
  const files = readdirSync(small, { recursive: true, encoding: 'utf8' })
  // What is whole stays for --resume.
  expect(files.filter((each) => /rows.*dump|manifest|\.part-/.test(each))).toEqual([])
  await nothingLeft()
})

const proxied = async (
  work: (more: Record<string, unknown>, proxy: Awaited<ReturnType<typeof faultProxy>>) => Promise<void>,
) => {
  const proxy = await faultProxy(endpoint)
  const settings = settingsOf({ endpoint: proxy.endpoint })
  const { access_key: _, secret_key: __, ...rest } = settings
  const keys = {
    access_key: { generate: 'backup_access_key' },
    secret_key: { generate: 'backup_secret_key' },
  }
  try {
    await work({ backup_store: { s3: { ...rest, ...keys } } }, proxy)
  } finally {
    proxy.heal()
    await cleared(settings)
    await proxy.close()
  }
}

test('S3 fails half-way: what passes is tried again, what stays is told, and no upload is left', () =>
  proxied(async (more, proxy) => {
    for (const each of ['PutObject', 'CreateMultipartUpload', 'UploadPart'] as const)
      proxy.fail(each, { kind: 'status', status: 503, code: 'SlowDown' }, { where: /dump/ })
    proxy.fail('UploadPart', { kind: 'reset', after: 100_000 }, { where: /dump/ })
    const { code, output } = await take(more)
    expect(code, output).toBe(0)

    proxy.heal()
    for (const each of ['PutObject', 'UploadPart'] as const)
      proxy.fail(each, { kind: 'status', status: 403, code: 'QuotaExceeded' }, { where: /dump/, times: 999 })
    const full = await take(more)
    expect(full.code, full.output).toBe(1)
    expect(full.stderr).toMatch(/the quota is used up|quota/)
    await nothingLeft()
    proxy.heal()
    const settings = { ...settingsOf(), prefix: (more.backup_store as { s3: { prefix: string } }).s3.prefix }
    const { keys, uploads } = await cleared(settings)
    expect(uploads).toBe(0)
    expect(keys.filter((each) => each.endsWith('manifest.json'))).toHaveLength(1)
    expect(keys.filter((each) => each.includes('.dump.'))).toHaveLength(2)
  }))

test('S3 goes away for good in the middle of a restore: nothing of it is left, and what serves is whole', () =>
  proxied(async (more, proxy) => {
    const taken = await take(more)
    expect(taken.code, taken.output).toBe(0)
    proxy.fail('GetObject', { kind: 'cut', after: 2_000_000 }, { where: /rows.*dump/ })
    proxy.fail('GetObject', { kind: 'reset', after: 0 }, { times: 999, where: /rows.*dump/ })
    const { code, output } = await inLab('restore', ['newest', '--swap', '-x', vars(more)])
    expect(code, output).toBe(1)
    expect(output).toMatch(/only [1-9]\d+ of \d+ bytes came/)
    await nothingLeft()
    expect(await databases()).toEqual([database])
    expect(await sql('select count(*) from rows')).toBe(String(rows))
  }))

const container = containerOf(storeMachine.name)
afterEach(() => {
  spawnSync('docker', ['unpause', container]) // which fails where it is not paused
})

test('S3 stands still for some seconds while a backup is taken', () =>
  proxied(async (more) => {
    let pausing: Promise<void> | undefined
    const { code, output } = await take(more, {
      onOutput: (text) => {
        if (pausing !== undefined || !text.includes('takes backup')) return
        spawnSync('docker', ['pause', container])
        pausing = new Promise((resolve) =>
          setTimeout(() => {
            spawnSync('docker', ['unpause', container])
            resolve()
          }, 8_000),
        )
      },
    })
    await pausing
    expect(pausing).toBeDefined()
    expect(code, output).toBe(0)
  }))

test.each([
  ['two hours ahead', 2],
  ['two hours behind', -2],
])('a clock of this machine that is %s is told by S3', async (_, hours) => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hours * 3_600_000 })
  const store = await s3Store(settingsOf(), { patience: quick })
  try {
    await expect(store.put('a', Buffer.from('x'))).rejects.toMatchObject({
      message: expect.stringMatching(/the clock of this machine and the server.s differ by too much/),
      hint: expect.stringMatching(/timedatectl/),
    })
  } finally {
    vi.useRealTimers()
    store.close()
  }
})
