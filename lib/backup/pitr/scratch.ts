import { randomBytes } from 'node:crypto'
import type { Connection } from '../../connection/index.ts'
import { QuaysideError } from '../../error.ts'
import type { Server } from '../../postgres/database.ts'
import { feed, lines, type Script, sh } from '../../script/index.ts'

/** for what reads the whole server: a terabyte at 50 MB a second */
const timeoutSeconds = 21_600

/** What marks scratch containers and volumes, for who finds one that a killed run has left. */
export const scratchLabel = 'quayside.scratch=pitr'

/** Where things are in the scratch container: one volume, mounted here. */
export const place = { root: '/pitr', data: '/pitr/data', log: '/pitr/wal' } as const

/** A container and a volume of one recovery, on the host that it is done on. */
export interface Scratch {
  readonly connection: Connection
  readonly image: string
  /** of both, and of all else that has to do with them */
  readonly label: string
  readonly name: string
  /** the volume's folder on the host */
  readonly folder: string
}

/** How the scratch server stands. */
export type Standing =
  | { readonly kind: 'recovering' }
  | { readonly kind: 'up'; readonly reached: string | undefined }
  | { readonly kind: 'short' } // the log ended before the time that was asked for
  | { readonly kind: 'ended'; readonly said: string }

/** An empty volume on a host that has room for so many bytes. */
export async function newScratch(
  connection: Connection,
  { image, label }: Pick<Scratch, 'image' | 'label'>,
  bytes: number,
): Promise<Scratch> {
  const name = `quayside-pitr-${randomBytes(4).toString('hex')}`
  const folder = (
    await must(
      connection,
      'make a volume for the recovery',
      sh`command -v zstd >/dev/null || { echo 'zstd is not installed' >&2; exit 1; }
docker volume create --label ${label} ${name} >/dev/null &&
docker volume inspect -f '{{.Mountpoint}}' ${name}`,
    )
  ).trim()
  const scratch = { connection, image, label, name, folder }
  try {
    await demandRoom(scratch, bytes)
    await must(connection, 'make folders', sh`mkdir -p ${`${folder}/data`} ${`${folder}/wal`}`)
  } catch (error) {
    await removeScratch(scratch).catch(() => {})
    throw error
  }
  return scratch
}

async function demandRoom({ connection, folder }: Scratch, bytes: number): Promise<void> {
  const free =
    1024 *
    Number(await must(connection, 'look at the disk', sh`df -Pk ${folder} | awk 'NR == 2 { print $4 }'`))
  if (free >= bytes) return
  throw new QuaysideError(
    `${connection.name}: the recovery takes ${mb(bytes)} MB, and ${mb(free)} MB of the disk are free`,
    { hint: 'make room, or choose another host' },
  )
}

/** Unpacks a base backup from standard input: all of the data, or the part of it with that number. */
export function unpackBase({ folder }: Scratch, number?: number): Script {
  const to = number === undefined ? `${folder}/data` : `${folder}/part-${number}`
  return sh`set -e
mkdir -p ${to}
zstd -dq | tar -x --numeric-owner -C ${to}
[ -s ${`${to}/backup_manifest`} ] || { echo 'no whole base backup came' >&2; exit 1; }`
}

/** Writes files of the log from standard input: a line "name bytes how" and as many bytes, over and over. */
export function unpackLog({ folder }: Scratch): Script {
  return sh`set -e
cd ${`${folder}/wal`}
while read -r name bytes how; do
  if [ "$how" = zst ]; then head -c "$bytes" | zstd -dqf -o "$name.part"; else head -c "$bytes" >"$name.part"; fi
  mv "$name.part" "$name"
done`
}

/**
 * Checks every file of the base backup against its manifest, and that the log which it needs can be read; one that came in
 * several parts is put together from them before, each of which is checked. Then it is made
 * ready to recover: archive recovery, nothing of the network, and the administrator alone over the socket.
 */
export async function verifyBase(scratch: Scratch, parts: number): Promise<void> {
  const { connection, name, image, folder, label } = scratch
  const mount = ['--mount', `type=volume,source=${name},target=${place.root}`]
  const run = [
    '--rm',
    '--label',
    label,
    '--network',
    'none',
    '--user',
    '0',
    '--entrypoint',
    'sh',
    ...mount,
    image,
  ]
  const check = `${combine(parts)}pg_verifybackup -q -w ${place.log} ${place.data} && chown -R postgres: ${place.root} && chmod 700 ${place.data}`
  await must(
    connection,
    'check the base backup with pg_verifybackup',
    lines(
      sh`set -e`,
      sh`base64 -d >${`${folder}/pg_hba.conf`}${feed('local all postgres peer\n')}`,
      sh`docker run ${run} -c ${check}`,
    ),
  )
}

/** pg_combinebackup believes what it is given: a damaged part would be a damaged whole with a manifest that fits. */
function combine(parts: number): string {
  if (parts === 1) return ''
  const folders = Array.from({ length: parts }, (_, index) => `${place.root}/part-${index}`)
  const checks = folders.map((each) => `pg_verifybackup -q -n ${each} && `).join('')
  const all = folders.join(' ')
  return `${checks}pg_combinebackup --manifest-checksums=SHA256 -o ${place.data} ${all} && rm -rf ${all} && `
}

/** Starts the server, to recover on a timeline up to a time or, without one, to the end of the log. */
export async function startRecovery(scratch: Scratch, timeline: number, at: Date | undefined): Promise<void> {
  const { connection, name, image, label } = scratch
  const settings = {
    hba_file: `${place.root}/pg_hba.conf`,
    listen_addresses: '',
    archive_mode: 'off',
    // It is thrown away with the host that it runs on.
    fsync: 'off',
    full_page_writes: 'off',
    max_wal_size: '4GB',
    ssl: 'off',
    // Then the live server's max_connections and the like need not be known: see 27.4.3 of PostgreSQL's manual.
    hot_standby: 'off',
    restore_command: `cp ${place.log}/%f %p`,
    // Not the latest: a later one may not descend from this base backup, or not have served at that time.
    recovery_target_timeline: String(timeline),
    recovery_target_action: 'promote',
    // its own form of UTC: a server that starts knows no Z yet
    recovery_target_time: at === undefined ? '' : at.toISOString().replace('T', ' ').replace('Z', '+00'),
    log_destination: 'stderr',
    logging_collector: 'off',
    lc_messages: 'C',
  }
  const words = [
    ...['-d', '--init', '--name', name, '--label', label, '--network', 'none', '--user', 'postgres'],
    ...[
      '--mount',
      `type=volume,source=${name},target=${place.root}`,
      '--shm-size',
      '256m',
      '--stop-signal',
      'SIGINT',
    ],
    ...['--entrypoint', 'postgres', image, '-D', place.data],
    ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
  ]
  await must(
    connection,
    'start the recovery',
    sh`docker rm -f ${name} >/dev/null 2>&1
touch ${`${scratch.folder}/data/recovery.signal`}
docker run ${words} >/dev/null`,
  )
}

/** How far the recovery is. */
export async function lookAt({ connection, name }: Scratch): Promise<Standing> {
  const query = `select 'up=' || coalesce(to_char(pg_last_xact_replay_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '') where not pg_is_in_recovery()`
  const { stdout } =
    await connection.run(sh`if [ "$(docker inspect -f '{{.State.Running}}' ${name})" = true ]; then
  docker exec -u postgres ${name} psql -XAtc ${query} 2>/dev/null || :
else
  echo ended; docker logs --tail 40 ${name} 2>&1
fi`)
  return standingOf(stdout)
}

/** What that script printed. */
export function standingOf(stdout: string): Standing {
  const [, up] = /^up=(.*)$/m.exec(stdout) ?? []
  if (up !== undefined) return { kind: 'up', reached: up === '' ? undefined : up }
  if (!stdout.startsWith('ended')) return { kind: 'recovering' }
  if (stdout.includes('recovery ended before configured recovery target was reached'))
    return { kind: 'short' }
  return { kind: 'ended', said: stdout.slice('ended'.length).trim() }
}

/** The recovered server, for who restores from it. */
export function serverOf({ connection, name }: Scratch): Server {
  return { connection, container: name }
}

/** Container and volume, all in them, and whoever else has that volume mounted. */
export async function removeScratch({ connection, name }: Scratch): Promise<void> {
  await connection.run(sh`docker rm -f ${name} >/dev/null 2>&1
docker ps -aq --filter ${`volume=${name}`} | xargs -r docker rm -f >/dev/null 2>&1
docker volume rm -f ${name} >/dev/null 2>&1 || :`)
}

/**
 * Removes what runs that died have left of recoveries, and gives their names; only under a lock that says that none of
 * them lives.
 */
export async function sweepScratch(connection: Connection): Promise<readonly string[]> {
  const stdout = await must(
    connection,
    'remove what an earlier recovery left',
    sh`docker ps -aq --filter ${`label=${scratchLabel}`} | xargs -r docker rm -f -v >/dev/null &&
docker volume ls -q --filter ${`label=${scratchLabel}`} | xargs -r docker volume rm`,
  )
  return stdout.split('\n').filter((name) => name !== '')
}

async function must(connection: Connection, what: string, script: Script): Promise<string> {
  const { stdout, stderr, code } = await connection.run(script, { title: what, timeoutSeconds })
  if (code !== 0)
    throw new QuaysideError(`${connection.name}: could not ${what}: ${stderr.trim().slice(-2000)}`)
  return stdout
}

function mb(bytes: number): number {
  return Math.ceil(bytes / 1_000_000)
}
