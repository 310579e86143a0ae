import { createArguments } from '../../resource/container-argv.ts'
import { awaitHealthy, ensureImage } from '../../resource/container-script.ts'
import { type Script, sh } from '../../script/index.ts'

/** The label on everything of Docker's that a drill makes; its value is the drill. */
export const label = 'quayside.drill'

/** Everything of a drill on its host that is a file stands below this folder, in one of the drill's name. */
export const folder = '/var/lib/quayside/drill'

/** One drill at a time on a host: what another has left is then nobody's. */
export const lock = { file: '/var/lib/quayside/drill.lock', what: 'a restore drill' } as const

/** The names that a drill's things on its host have. */
export interface Scratch {
  readonly drill: string
  /** the server's container, and what the others' names begin with */
  readonly name: string
  /** no way out of it, and none in but from the host itself */
  readonly network: string
  /** by which containers of the network find PostgreSQL, and Redis, which shares its address */
  readonly alias: string
  readonly folder: string
  readonly labels: Readonly<Record<string, string>>
}

export function scratchOf(drill: string): Scratch {
  const name = `quayside-drill-${drill}`
  return { drill, name, network: name, alias: 'db', folder: `${folder}/${drill}`, labels: { [label]: drill } }
}

/** How the environment's own server runs, as far as the scratch one must be like it. */
export interface ServerSpec {
  readonly image: string
  readonly uid: number
  readonly memoryMb: number
}

/** Where dumps lie in the server's container, in a volume of their own. */
export const dumps = '/drill'

/** Prints which PostgreSQL an image holds: "postgres (PostgreSQL) 15.4 …". */
export function versionOf(image: string): Script {
  return sh`${ensureImage(image)}
docker run --rm --network none --entrypoint postgres ${image} --version`
}

/**
 * Starts an empty server, and waits until it answers. What it holds can be made again, so it waits for no disk. Its
 * password is made here and known to nobody: who may come in over the network, the backup's own roles say.
 */
export function startServer(scratch: Scratch, { image, uid, memoryMb }: ServerSpec): Script {
  const { name, network, labels } = scratch
  const words = createArguments(name, {
    image,
    command: [
      'postgres',
      ...serverSettings({ ...careless(memoryMb), wal_level: 'minimal', max_wal_senders: '0' }),
    ],
    user: String(uid),
    env: { PGDATA: '/var/lib/postgresql/data', POSTGRES_INITDB_ARGS: '--encoding=UTF8 --locale=C.UTF-8' },
    mounts: [
      { source: `${name}-data`, target: '/var/lib/postgresql/data' },
      { source: `${name}-dumps`, target: dumps },
    ],
    ...likeEveryServer(scratch, memoryMb),
    readOnly: true,
    tmpfs: ['/tmp', '/var/run/postgresql:mode=1777'],
  })
  return sh`set -e
docker network create --internal ${labelled(labels)} ${network} >/dev/null
docker volume create ${labelled(labels)} ${`${name}-data`} >/dev/null
docker volume create ${labelled(labels)} ${`${name}-dumps`} >/dev/null
POSTGRES_PASSWORD=$(head -c 24 /dev/urandom | base64)
export POSTGRES_PASSWORD
docker run -d -e POSTGRES_PASSWORD ${words} >/dev/null
unset POSTGRES_PASSWORD
${awaitHealthy(name, 180)}
docker exec -u 0 ${name} chmod 1777 ${dumps}`
}

/** Settings of a server whose data can be made again, and which nobody else uses. */
export function careless(memoryMb: number): Readonly<Record<string, string>> {
  return {
    fsync: 'off',
    full_page_writes: 'off',
    synchronous_commit: 'off',
    max_wal_size: '4GB',
    autovacuum: 'off',
    shared_buffers: `${eighth(memoryMb)}MB`,
    maintenance_work_mem: `${eighth(memoryMb)}MB`,
  }
}

/** What the container of a drill's server has, whatever its data comes from. */
export function likeEveryServer({ network, alias, labels }: Scratch, memoryMb: number) {
  return {
    network,
    networkAlias: alias,
    capDrop: ['ALL'],
    memoryMb,
    shmMb: Math.max(64, 2 * eighth(memoryMb)),
    // A process whose parent was killed becomes one of PID 1: a server takes its end by a signal for a crash of its own.
    init: true,
    stopSignal: 'SIGINT',
    restart: 'no',
    labels,
    health: {
      command: ['pg_isready', '-q', '-h', '127.0.0.1', '-U', 'postgres'],
      intervalSeconds: 1,
      timeoutSeconds: 4,
      retries: 600,
    },
    logMaxSize: '10m',
    logMaxFile: 1,
  } as const
}

function eighth(memoryMb: number): number {
  return Math.floor(memoryMb / 8)
}

/** Words for what docker creates without a spec. */
export function labelled(labels: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`])
}

/** Prints what drills have made on the host and not removed, a line each. */
export const listAll: Script = sh`docker ps -a --filter ${`label=${label}`} --format 'container {{.Names}}'
docker volume ls --filter ${`label=${label}`} --format 'volume {{.Name}}'
docker network ls --filter ${`label=${label}`} --format 'network {{.Name}}'
if [ -e ${folder} ]; then echo ${`folder ${folder}`}; fi`

/**
 * Removes all of that, and prints what is still there. Under the lock: no other drill is at work, so whatever has the
 * label was left by one that died, or is ours.
 */
export const removeAll: Script = sh`docker ps -aq --filter ${`label=${label}`} | xargs -r docker rm -f -v >/dev/null || :
docker volume ls -q --filter ${`label=${label}`} | xargs -r docker volume rm -f >/dev/null || :
docker network ls -q --filter ${`label=${label}`} | xargs -r docker network rm >/dev/null || :
rm -rf ${folder}
${listAll}`

/** Words for settings of a server. */
export function serverSettings(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([key, value]) => ['-c', `${key}=${value}`])
}
