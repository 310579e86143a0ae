import { fileURLToPath } from 'node:url'
import { recoverTo } from '../../../lib/backup/pitr/recover.ts'
import { type Store, storeOf } from '../../../lib/backup/store/index.ts'
import { type Connection, openConnection } from '../../../lib/connection/index.ts'
import { Fleet } from '../../../lib/engine/fleet.ts'
import { schemasOf } from '../../../lib/engine/play.ts'
import { role } from '../../../lib/engine/role.ts'
import { loadInventory } from '../../../lib/inventory/load.ts'
import { storeKeys } from '../../../lib/lab/object-store.ts'
import { registryName } from '../../../lib/lab/topology.ts'
import { file } from '../../../lib/resource/index.ts'
import { type Script, sh } from '../../../lib/script/index.ts'
import { newKey } from '../../../lib/secret/age/crypt.ts'
import type { Keys } from '../../../lib/secret/age/key.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { archiveCommand } from '../../../roles/postgres-pgvector/wal/archive-command.ts'
import { walPaths } from '../../../roles/postgres-pgvector/wal/paths.ts'
import { restart, restartArchiver, walResources } from '../../../roles/postgres-pgvector/wal/resources.ts'
import { everyPlay } from '../../../roles/stack.ts'
import { labTarget } from '../lab-host.ts'

const version15 = `${registryName}/standin/postgres:15`
const storeAddress = '10.213.77.9/32'
const script = '/etc/quayside/wal/archive-wal'

/** A server beside the lab's whose log is archived by the role's own archiver, under a name in the store that is nobody else's. */
export interface ArchivedServer extends AsyncDisposable {
  readonly connection: Connection
  /** of the container, and the environment in the store */
  readonly name: string
  readonly store: Store
  readonly keys: Keys
  readonly key: Secret
  readonly recipient: string
  /** standard output of a script that must end with 0 */
  must(script: Script): Promise<string>
  psql(sql: string, container?: string): Promise<string>
  recovered(to: Date | 'latest'): ReturnType<typeof recoverTo>
  /** S3 cannot be reached from the host, or can again */
  away(): Promise<unknown>
  back(): Promise<unknown>
}

/** Starts one, and first removes what a killed run has left of it; of another image, with further settings, where told. */
export async function archivedServer(
  name: string,
  image = version15,
  more: Readonly<Record<string, string>> = {},
): Promise<ArchivedServer> {
  const made = await newKey()
  const keys: Keys = { origin: 'the test', identities: [new Secret(made.identity)] }
  const { recipient } = made
  const key = new Secret('the signing key of this test')
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
  const store = await storeOf(
    { s3: { ...place, access_key: accessKey, secret_key: secretKey } },
    { dir: '/' },
  )
  const connection = await openConnection(labTarget('db-1'))
  const clean = () =>
    connection.run(sh`ip route del blackhole ${storeAddress} 2>/dev/null
systemctl disable -q --now ${walPaths.unit} 2>/dev/null
docker rm -f ${name} >/dev/null 2>&1
docker volume rm -f ${name} >/dev/null 2>&1
rm -rf ${`/var/lib/quayside/base/${name}`} ${`/etc/systemd/system/${walPaths.unit}`} ${walPaths.folder} ${walPaths.state} ${walPaths.metrics}
systemctl daemon-reload`)
  const must = async (text: Script) => {
    const { stdout, stderr, code } = await connection.run(text)
    if (code !== 0) throw new Error(stderr)
    return stdout.trim()
  }
  await clean()
  const archiver = role({
    name: 'archiver',
    about: "the role's archiver, for a server of the test's own",
    vars: { type: 'object', additionalProperties: false, properties: {} },
    resources: () => [
      ...walResources({
        env: name,
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
    ...more,
  }
  const words = Object.entries(settings).flatMap(([setting, value]) => ['-c', `${setting}=${value}`])
  const mounts = ['-v', `${name}:/var/lib/postgresql/data`, '-v', `${walPaths.done}:${walPaths.done}:ro`]
  const docker = ['--name', name, '--network', 'none', '-e', 'POSTGRES_PASSWORD=x', ...mounts]
  await must(sh`docker run -d ${docker} -v ${`${script}:${script}:ro`} ${image} postgres ${words} >/dev/null
until docker exec ${name} pg_isready -q -h 127.0.0.1; do sleep 0.5; done`)
  return {
    connection,
    name,
    store,
    keys,
    key,
    recipient,
    must,
    psql: (sql, container = name) =>
      must(sh`docker exec -u postgres ${container} psql -XAtq -v ON_ERROR_STOP=1 -c ${sql}`),
    recovered: (to) =>
      recoverTo({ connection, image, store, env: name, keys, key, to, tell: (text) => console.log(text) }),
    away: () => must(sh`ip route add blackhole ${storeAddress}`),
    back: () => must(sh`ip route del blackhole ${storeAddress}`),
    async [Symbol.asyncDispose]() {
      await clean()
      for await (const { key: each } of store.list(`${name}/`)) await store.remove([each])
      store.close()
      await connection.close()
    },
  }
}
