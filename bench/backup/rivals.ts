import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { storeKeys } from '../../lib/lab/object-store.ts'
import { stateDir } from '../../lib/state.ts'
import { database, onHost } from './lab.ts'

const exec = 'docker exec -u postgres postgres'
/** in the container, and for pgBackRest on the host as well */
const data = '/var/lib/postgresql/data'
const dump = `${exec} pg_dump --format=custom`

/** What we are measured beside: shell text that runs on the database host. */
export interface Rival {
  readonly name: string
  readonly text: string
  /** what is told beside the figure */
  readonly note?: string
}

const recipient = () =>
  /age1[a-z0-9]+/.exec(readFileSync(join(stateDir('lab'), 'age.txt'), 'utf8'))?.[0] ?? ''

/** Their programs, from Debian, on the database host; and where they put things. */
export async function prepare(): Promise<void> {
  const { access, secret } = await storeKeys()
  await onHost(`set -e
for each in rclone pgbackrest zstd age; do command -v $each >/dev/null || missing=$each; done
[ -z "$missing" ] || {
  apt-get update -q >/dev/null; DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends rclone pgbackrest zstd age >/dev/null; }
umask 077
mkdir -p /root/.config/rclone
cat >/root/.config/rclone/rclone.conf <<'end'
[store]
type = s3
provider = Ceph
endpoint = http://store.lab:9000
access_key_id = ${access}
secret_access_key = ${secret}
force_path_style = true
end
# pgBackRest wants to be the server's own user, and to see the files where the server says that they are.
pid=$(docker inspect -f '{{.State.Pid}}' postgres)
data=$(docker volume inspect -f '{{.Mountpoint}}' postgres-data)
mkdir -p ${data}
mountpoint -q ${data} || mount --bind "$data" ${data}
mkdir -p /var/lib/bench-repo /var/log/bench-repo /var/lib/bench-restored
chown 999:999 /var/lib/bench-repo /var/log/bench-repo /var/lib/bench-restored
chmod 700 /var/lib/bench-restored
cat >/etc/bench-pgbackrest.conf <<end
[global]
repo1-path=/var/lib/bench-repo
repo1-cipher-type=aes-256-cbc
repo1-cipher-pass=not-a-secret-of-anybody
repo1-retention-full=1
compress-type=zst
compress-level=3
process-max=2
start-fast=y
archive-check=n
archive-copy=n
log-path=/var/log/bench-repo
lock-path=/var/log/bench-repo
[bench]
pg1-path=${data}
pg1-socket-path=/proc/$pid/root/run/postgresql
pg1-user=postgres
end
`)
}

const caps = '+dac_override,+chown,+fowner,+sys_ptrace'
const pgbackrest = (words: string) =>
  `setpriv --reuid=999 --regid=999 --clear-groups --inh-caps=${caps} --ambient-caps=${caps} pgbackrest --config=/etc/bench-pgbackrest.conf --stanza=bench ${words}`

/** What each takes to copy the database away. */
export function copying(): readonly Rival[] {
  return [
    { name: 'pg_dump -Fc, to /dev/null', text: `${dump} ${database} >/dev/null` },
    { name: 'pg_dump -Fc -Z0, to /dev/null', text: `${dump} --compress=0 ${database} >/dev/null` },
    {
      name: 'pg_dump | zstd | age | S3',
      text: `${dump} --compress=0 ${database} | zstd -q -T0 -3 | age -r ${recipient()} | rclone rcat --s3-chunk-size 16M store:quayside/bench-by-shell`,
      note: 'by shell, rclone on the database host; proves nothing',
    },
    {
      name: 'pgBackRest, full',
      text: pgbackrest('--type=full backup --log-level-console=error'),
      note: "to the host's disk: its S3 speaks TLS alone. The whole server, by file",
    },
  ]
}

/** Before and after: a stanza for pgBackRest, and a dump that pg_restore reads. */
export const ready = () => onHost(pgbackrest('stanza-create'))
export const makeDump = () => onHost(`${dump} --file=/var/lib/postgresql/data/bench.dump ${database}`)

/** What each takes to bring it back. */
export function bringingBack(): readonly Rival[] {
  const create = `${exec} psql -XAtq -c 'drop database if exists bench_by_hand with (force)' -c 'create database bench_by_hand'`
  return [
    {
      name: 'pg_restore -j2, from its disk',
      text: `${create} && ${exec} pg_restore -j2 -d bench_by_hand /var/lib/postgresql/data/bench.dump`,
      note: 'proves nothing; nothing is decrypted',
    },
    {
      name: 'pgBackRest, restore',
      text: `rm -rf /var/lib/bench-restored/* && ${pgbackrest('--pg1-path=/var/lib/bench-restored --type=immediate restore --log-level-console=error')}`,
      note: "files, from the host's disk; the server is not started",
    },
  ]
}

/** Nothing of it stays but the programs. */
export const clean = () =>
  onHost(`${exec} psql -XAtq -c 'drop database if exists bench_by_hand with (force)'
rclone deletefile store:quayside/bench-by-shell 2>/dev/null
umount ${data} 2>/dev/null
rm -rf /root/.config/rclone /etc/bench-pgbackrest.conf /var/lib/bench-repo /var/log/bench-repo /var/lib/bench-restored
rm -f "$(docker volume inspect -f '{{.Mountpoint}}' postgres-data)/bench.dump"`)
