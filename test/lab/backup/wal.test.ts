import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { takeBase } from '../../../lib/backup/base/take.ts'
import { recoverTo } from '../../../lib/backup/pitr/recover.ts'
import { type Store, storeOf } from '../../../lib/backup/store/index.ts'
import { flushWal } from '../../../lib/backup/wal/flush.ts'
import { readArchiver, readSpans, walLines } from '../../../lib/backup/wal/status.ts'
import { type Connection, openConnection } from '../../../lib/connection/index.ts'
import { Fleet } from '../../../lib/engine/fleet.ts'
import { schemasOf } from '../../../lib/engine/play.ts'
import { role } from '../../../lib/engine/role.ts'
import { loadInventory } from '../../../lib/inventory/load.ts'
import { storeKeys } from '../../../lib/lab/object-store.ts'
import { registryName } from '../../../lib/lab/topology.ts'
import { file } from '../../../lib/resource/index.ts'
import { sh } from '../../../lib/script/index.ts'
import { newKey } from '../../../lib/secret/age/crypt.ts'
import type { Keys } from '../../../lib/secret/age/key.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { archiveCommand } from '../../../roles/postgres-pgvector/wal/archive-command.ts'
import { walPaths } from '../../../roles/postgres-pgvector/wal/paths.ts'
import { restart, restartArchiver, walResources } from '../../../roles/postgres-pgvector/wal/resources.ts'
import { everyPlay } from '../../../roles/stack.ts'
import { labTarget, onHost } from '../lab-host.ts'

// A server of its own beside the lab's, and a name of its own in the store: neither is anybody else's.
const name = 'wal-test'
const env = 'wal-test'
const image = `${registryName}/standin/postgres:15`
const store9 = '10.213.77.9/32'
const key = new Secret('the signing key of this test')
const script = '/etc/quayside/wal/archive-wal'

let connection: Connection
let store: Store
let keys: Keys
let recipient: string

beforeAll(async () => {
  const made = await newKey()
  keys = { origin: 'the test', identities: [new Secret(made.identity)] }
  recipient = made.recipient
  const { access, secret } = await storeKeys()
  const place = {
    bucket: 'quayside',
    prefix: '',
    endpoint: 'http://127.0.0.1:5078',
    host_endpoint: 'http://store.lab:9000',
    region: 'us-east-1',
    path_style: true,
  }
  const [accessKey, secretKey] = [new Secret(access), new Secret(secret)]
  store = await storeOf({ s3: { ...place, access_key: accessKey, secret_key: secretKey } }, { dir: '/' })
  connection = await openConnection(labTarget('db-1'))
  await clean()
  const archiver = role({
    name: 'archiver',
    about: "the role's archiver, for a server of the test's own",
    vars: { type: 'object', additionalProperties: false, properties: {} },
    resources: () => [
      ...walResources({
        env,
        s3: place,
        accessKey,
        secretKey,
        recipients: [recipient],
        queueMb: 1024,
        volume: name,
      }),
      file(script, { content: archiveCommand, mode: 0o444 }),
    ],
    handlers: () => ({ [restartArchiver]: restart }),
  })
  const dir = fileURLToPath(new URL('../../../inventory/lab', import.meta.url))
  const fleet = new Fleet({
    inventory: await loadInventory({
      env: 'lab',
      dir,
      schemas: [],
      besides: schemasOf(everyPlay),
      secrets: false,
    }),
    connect: (host, options) => openConnection(host.target, options),
    forks: 1,
    check: false,
    emit: (event) => {
      if (event.type === 'host-failed') throw event.error
    },
    signal: new AbortController().signal,
  })
  await fleet.converge([{ hosts: 'db-1', roles: [archiver] }])
  await fleet.close()
  const settings = {
    archive_mode: 'on',
    archive_command: `sh ${script} %p %f`,
    archive_timeout: '10s',
    shared_buffers: '32MB',
  }
  const words = Object.entries(settings).flatMap(([setting, value]) => ['-c', `${setting}=${value}`])
  const mounts = ['-v', `${name}:/var/lib/postgresql/data`, '-v', `${walPaths.done}:${walPaths.done}:ro`]
  const docker = ['--name', name, '--network', 'none', '-e', 'POSTGRES_PASSWORD=x', ...mounts]
  await must(sh`docker run -d ${docker} -v ${`${script}:${script}:ro`} ${image} postgres ${words} >/dev/null
until docker exec ${name} pg_isready -q -h 127.0.0.1; do sleep 0.5; done`)
  await psql('create table notes (text text, at timestamptz default clock_timestamp())')
})

afterAll(async () => {
  await clean()
  for await (const { key } of store.list(`${env}/`)) await store.remove([key])
  store.close()
  await connection.close()
})

/** Also before, for what a killed run has left. */
async function clean(): Promise<void> {
  await connection.run(sh`ip route del blackhole ${store9} 2>/dev/null
systemctl disable -q --now ${walPaths.unit} 2>/dev/null
docker rm -f ${name} >/dev/null 2>&1
docker volume rm -f ${name} >/dev/null 2>&1
rm -rf ${`/etc/systemd/system/${walPaths.unit}`} ${walPaths.folder} ${walPaths.state} ${walPaths.metrics}
systemctl daemon-reload`)
}

async function must(script: Parameters<Connection['run']>[0]): Promise<string> {
  const { stdout, stderr, code } = await connection.run(script)
  if (code !== 0) throw new Error(stderr)
  return stdout.trim()
}

const psql = (sql: string, container = name) =>
  must(sh`docker exec -u postgres ${container} psql -XAtq -v ON_ERROR_STOP=1 -c ${sql}`)

const recovered = (to: Date | 'latest') =>
  recoverTo({ connection, image, store, env, keys, key, to, tell: (text) => console.log(text) })

const ready = { timeout: 60_000, interval: 500 }

test('a table that was dropped is there again, as of the second before', async () => {
  await takeBase({
    server: { connection, container: name },
    store,
    env,
    recipients: [recipient],
    key,
    by: 'test',
  })
  await psql("insert into notes values ('kept')")
  const at = new Date(
    await psql(`select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`),
  )
  await pause(1000)
  await psql("insert into notes values ('too late')")
  await psql('drop table notes')
  await flushWal({ connection, container: name })
  const then = await recovered(at)
  try {
    expect(then.whole).toBe(true)
    expect(await psql('select text from notes', then.server.container)).toBe('kept')
    expect(new Date(then.reached ?? '').getTime()).toBeLessThanOrEqual(at.getTime())
  } finally {
    await then.remove()
  }
  expect(
    await onHost(
      'db-1',
      'docker ps -aq --filter label=quayside.scratch=pitr; docker volume ls -q --filter label=quayside.scratch=pitr',
    ),
  ).toBe('')
})

test('with S3 away the database goes on, and what it wrote meanwhile is archived when S3 is back', async () => {
  await psql('create table away (n int, at timestamptz default clock_timestamp())')
  await must(sh`ip route add blackhole ${store9}`)
  for (let n = 0; n < 3; n += 1) await psql(`insert into away values (${n}); select pg_switch_wal()`)
  await expect.poll(async () => (await readArchiver(connection))?.failing, ready).toBe(true)
  const queued = async () => (await readArchiver(connection))?.queueBytes ?? 0
  await expect.poll(queued, ready).toBeGreaterThanOrEqual(3 * 16 * 1024 * 1024)
  expect(await onHost('db-1', `journalctl -u ${walPaths.unit} -o cat`)).toContain('cannot ship to S3')
  await must(sh`ip route del blackhole ${store9}`)
  // Not asked to be archived: within archive_timeout it is, by itself.
  await psql('insert into away values (3)')
  const segment = await psql('select pg_walfile_name(pg_current_wal_lsn())')
  await expect.poll(async () => ((await readArchiver(connection))?.last ?? '') >= segment, ready).toBe(true)
  await psql('insert into away values (4)')
  const killed = Date.now()
  await must(sh`docker kill ${name} >/dev/null`)
  const spans = await readSpans(store, env, keys, key)
  console.log(walLines({ archiver: await readArchiver(connection), spans }, new Date()).join('\n'))
  expect(spans).toMatchObject([{ gaps: [] }])
  const then = await recovered('latest')
  try {
    expect(
      await psql('select string_agg(n::text, $$ $$ order by n) from away where n < 4', then.server.container),
    ).toBe('0 1 2 3')
    const last = new Date(
      await psql("select max(at) at time zone 'UTC' || 'Z' from away", then.server.container),
    )
    console.log(
      `RPO: the host was lost ${((killed - last.getTime()) / 1000).toFixed(1)} s after the last change that was recovered`,
    )
  } finally {
    await then.remove()
  }
})
