import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { layout } from '../../../lib/backup/layout.ts'
import { objectsOf } from '../../../lib/backup/manifest.ts'
import { chooseBackup, readManifest, writeManifest } from '../../../lib/backup/manifest-file.ts'
import { type Store, storeOf } from '../../../lib/backup/store/index.ts'
import { newKey } from '../../../lib/secret/age/crypt.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { root } from '../../argv.ts'
import { onHost } from '../lab-host.ts'
import { inLab } from '../playbook.ts'
import { databasesOf } from './databases.ts'

const database = 'elsewhere_test'
const volume = 'elsewhere-test'
const path = '/srv/elsewhere test'
const dir = mkdtempSync(join(tmpdir(), 'quayside-elsewhere-'))
const signing = 'a signing key of this test alone'
let key: Awaited<ReturnType<typeof newKey>>
let store: Store

const vars = (more: Readonly<Record<string, unknown>>) =>
  JSON.stringify({
    backup_store: { directory: join(dir, 'store') },
    backup_signing_key: { from_env: 'TEST_SIGNING_KEY' },
    backup_recipients: [key.recipient],
    backup_databases: [database],
    backup_redis: false,
    backup_volumes: [
      { host: 'db-1', volume },
      { host: 'app-2', path },
    ],
    ...more,
  })
const run = (name: string, words: readonly string[], more: Readonly<Record<string, unknown>> = {}) =>
  inLab(name, [...words, '--inventory', join(dir, 'lab'), '-x', vars(more)], {
    env: { QUAYSIDE_AGE_KEY: key.identity, TEST_SIGNING_KEY: signing },
  })

const { sql, names: databases, dropAll } = databasesOf(database)

async function clean(): Promise<void> {
  await dropAll()
  await onHost(
    'db-1',
    `docker rm -f ${volume} >/dev/null 2>&1; docker volume rm -f ${volume} >/dev/null 2>&1 || :`,
  )
  await onHost('app-2', `rm -rf '${path}'`)
}

/** An inventory beside the lab's, of an environment whose name says that its data may be people's. */
function writeElder(): void {
  mkdirSync(join(dir, 'elder', 'group_vars'), { recursive: true })
  writeFileSync(join(dir, 'elder', 'hosts.yaml'), 'db:\n  hosts:\n    db-1: { host: 192.0.2.1 }\n')
  const secrets = ['postgres_superuser_password', 'postgres_password', 'redis_password', 'backup_signing_key']
  writeFileSync(
    join(dir, 'elder', 'group_vars', 'all.yaml'),
    [
      ...secrets.map((each) => `${each}: { from_env: TEST_SIGNING_KEY }`),
      `backup_store: { directory: ${join(dir, 'store')} }`,
      '',
    ].join('\n'),
  )
}

beforeAll(async () => {
  key = await newKey()
  store = await storeOf({ directory: join(dir, 'store') }, { dir })
  cpSync(join(root, 'inventory/lab'), join(dir, 'lab'), { recursive: true })
  writeElder()
  await clean()
  await sql(`create database ${database} owner app`, 'postgres')
  await sql(
    `create table people (id int primary key, email text); insert into people values (1, 'anna@example.com')`,
  )
  await sql(`alter database ${database} set work_mem to '7MB'`, 'postgres')
  await onHost(
    'db-1',
    `docker volume create ${volume} >/dev/null
folder=$(docker volume inspect --format '{{.Mountpoint}}' ${volume}); printf backed-up >"$folder/word"; chown 1234:5678 "$folder/word"
docker run -d --name ${volume} --network none --init --mount type=volume,source=${volume},target=/here \
  --entrypoint sleep "$(docker inspect -f '{{.Image}}' postgres)" 1000 >/dev/null`,
  )
  await onHost('app-2', `mkdir -p '${path}/sub'; printf backed-up >'${path}/sub/word'`)
  const taken = await run('backup', ['take'])
  expect(taken.code, taken.output).toBe(0)
  // The same backup as one of the elder environment.
  const id = await chooseBackup(store, 'lab')
  const manifest = await readManifest(store, 'lab', id, new Secret(signing))
  for (const { key: object } of objectsOf(manifest))
    await store.put(layout.backup('elder', id) + object, await store.get(layout.backup('lab', id) + object))
  await writeManifest(store, { ...manifest, env: 'elder' }, new Secret(signing))
})

afterAll(async () => {
  await clean()
  store.close()
  rmSync(dir, { recursive: true, force: true })
})

const from = ['newest', '--from', 'elder', '--as', `${database}_elder`]

test("another environment's backup is scrubbed before it can be used, or refused", async () => {
  const refused = await run('restore', from)
  expect(refused.output).toContain(
    'elder may hold data of people that lab must not: restore_scrub is not set',
  )
  expect(refused.code).toBe(2)

  const failed = await run('restore', from, { restore_scrub: [{ sql: 'update nobody set email = null' }] })
  expect(failed.output).toContain('relation "nobody" does not exist')
  expect(failed.code).toBe(1)
  expect(await databases()).toEqual([database])

  writeFileSync(join(dir, 'lab', 'scrub.sql'), `update people set email = email || '.invalid'`)
  const scrubbed = await run('restore', from, {
    restore_scrub: [{ sql: `update people set email = 'user' || id` }, { file: 'scrub.sql' }],
  })
  expect(scrubbed.code, scrubbed.output).toBe(0)
  expect(await sql('select email from people', `${database}_elder`)).toBe('user1.invalid')
  // Its settings are not this environment's.
  expect(await sql('show work_mem', `${database}_elder`)).not.toBe('7MB')
  await sql(`drop database ${database}_elder`, 'postgres')

  const taken = await run('restore', [...from, '--unscrubbed'])
  expect(taken.code, taken.output).toBe(0)
  expect(await sql('select email from people', `${database}_elder`)).toBe('anna@example.com')
  await run('restore', ['drop-beside'])
  expect(await databases()).toEqual([database])
})

test('a database that is gone comes back with what hung on it', async () => {
  await sql(`drop database ${database} with (force)`, 'postgres')
  const { code, output } = await run('restore', ['newest', '--swap'])
  expect(code, output).toBe(0)
  expect(await databases()).toEqual([database])
  expect(await sql('show work_mem')).toBe('7MB')
  expect(await sql('select email from people')).toBe('anna@example.com')
})

test('volumes and folders are swapped while their containers stand still, and what they held is kept', async () => {
  const word = `cat "$(docker volume inspect --format '{{.Mountpoint}}' ${volume})"/word`
  const started = `docker inspect -f '{{.State.Running}} {{.State.StartedAt}}' ${volume}`
  await onHost(
    'db-1',
    `${word} >/dev/null; printf changed >"$(docker volume inspect --format '{{.Mountpoint}}' ${volume})"/word`,
  )
  await onHost('app-2', `printf changed >'${path}/sub/word'; touch '${path}/new'`)
  const before = await onHost('db-1', started)
  const { code, output } = await run('restore', ['newest', '--no-databases', '--volumes', '--swap'])
  expect(code, output).toBe(0)
  expect(await onHost('db-1', word)).toBe('backed-up')
  expect(
    await onHost(
      'db-1',
      `stat -c %u:%g "$(docker volume inspect --format '{{.Mountpoint}}' ${volume})"/word`,
    ),
  ).toBe('1234:5678\n')
  const after = await onHost('db-1', started)
  expect(after).toMatch(/^true /)
  expect(after).not.toBe(before)
  const there = () =>
    onHost('app-2', `cd '${path}'; ls -A; cat sub/word .quayside-before-*/sub/word 2>/dev/null || :`)
  expect(await there()).toMatch(/^\.quayside-before-\w+\nsub\nbacked-upchanged$/)

  const dropped = await run('restore', ['drop-old'])
  expect(dropped.code, dropped.output).toBe(0)
  expect(await there()).toBe('sub\nbacked-up')
  expect(await onHost('db-1', `ls -A "$(docker volume inspect --format '{{.Mountpoint}}' ${volume})"`)).toBe(
    'word\n',
  )
})
