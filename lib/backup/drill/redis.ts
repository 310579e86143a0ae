import type { Connection } from '../../connection/index.ts'
import { createArguments } from '../../resource/container-argv.ts'
import { ensureImage } from '../../resource/container-script.ts'
import { feed, piped, type Script, sh } from '../../script/index.ts'
import { type Secret, text } from '../../secret/index.ts'
import type { RedisPart } from '../manifest.ts'
import { onHost } from './on-host.ts'
import { pour, type Source } from './pour.ts'
import { labelled, type Scratch } from './scratch.ts'
import type { Found } from './steps.ts'

/** How the environment's own Redis runs, as far as the scratch one must be like it. */
export interface RedisSpec {
  readonly image: string
  readonly uid: number
  readonly memoryMb: number
  readonly password: Secret
}

/** Starts a Redis at the scratch server's address: with the backup's keys where it has them, and empty for the app where not. */
export async function startRedis(
  connection: Connection,
  scratch: Scratch,
  spec: RedisSpec,
  backup: { readonly part: RedisPart; readonly source: Source } | undefined,
  signal: AbortSignal,
): Promise<Found> {
  const run = (title: string, script: Script) => onHost(connection, title, script, signal)
  await run('make a volume for the scratch Redis', prepare(scratch, spec))
  if (backup !== undefined) {
    const title = 'the scratch volume of Redis'
    await pour(backup.source, backup.part.object, connection, fill(scratch, spec), title)
  }
  const keyspace = await run('start the scratch Redis', start(scratch, spec))
  if (backup === undefined) return { text: 'in no backup: an empty one for the app', skipped: true }
  return judgeRedis(keyspace, backup.part.keys)
}

/**
 * By what the server says of its keys and of its loading. Keys whose time ran out since the backup are dropped while it
 * loads: a cache may well come up empty, and be whole.
 */
export function judgeRedis(said: string, taken: number): Found {
  const keys = keysIn(said)
  const expired = Number(/Done loading RDB, keys loaded: \d+, keys expired: (\d+)/.exec(said)?.[1] ?? 0)
  const text = `${keys} keys${expired === 0 ? '' : `, ${expired} whose time ran out`}, ${taken} when it was taken`
  return keys + expired === 0 && taken > 0 ? { text, problems: ['it came up empty'] } : { text }
}

/** "db0:keys=12,expires=3,avg_ttl=0" and its like, added up. */
export function keysIn(keyspace: string): number {
  return [...keyspace.matchAll(/^db\d+:keys=(\d+)/gm)].reduce((sum, [, keys]) => sum + Number(keys), 0)
}

function prepare({ name, folder, labels }: Scratch, { image, uid, password }: RedisSpec): Script {
  const conf = text`
    requirepass ${password}
    protected-mode no
    dir /data
    save ""
    appendonly no
  `
  return sh`set -e
${ensureImage(image)}
docker volume create ${labelled(labels)} ${`${name}-redis`} >/dev/null
mkdir -p -m 700 ${folder}
mkdir -p -m 500 ${`${folder}/redis`}
umask 077
base64 -d > ${`${folder}/redis/password`}${feed(password)}
base64 -d > ${`${folder}/redis/redis.conf`}${feed(conf)}
chown -R ${uid} ${`${folder}/redis`}`
}

function fill({ name, labels }: Scratch, { image, uid }: RedisSpec): Script {
  const words = [
    '--rm',
    '-i',
    '--network',
    'none',
    '--user',
    String(uid),
    '--entrypoint',
    'sh',
    ...labelled(labels),
  ]
  const mount = `type=volume,source=${name}-redis,target=/data`
  return piped(sh`zstd -dq`, sh`docker run ${words} --mount ${mount} ${image} -c ${'cat > /data/dump.rdb'}`)
}

function start({ name, folder, labels }: Scratch, { image, uid, memoryMb }: RedisSpec): Script {
  const container = `${name}-redis`
  const words = createArguments(container, {
    image,
    command: ['redis-server', '/drill/redis.conf'],
    user: String(uid),
    mounts: [
      { source: `${name}-redis`, target: '/data' },
      { source: `${folder}/redis`, target: '/drill', readOnly: true },
    ],
    network: `container:${name}`,
    readOnly: true,
    tmpfs: ['/tmp'],
    capDrop: ['ALL'],
    memoryMb,
    restart: 'no',
    labels,
  })
  const ask = 'REDISCLI_AUTH=$(cat /drill/password) redis-cli info keyspace'
  return sh`docker run -d ${words} >/dev/null || exit 1
n=0
until said=$(docker exec ${container} sh -c ${ask} 2>&1) && case $said in '# Keyspace'*) ;; *) false ;; esac; do
  if [ "$(docker container inspect -f ${'{{.State.Running}}'} ${container})" != true ] || [ $n -ge 240 ]; then
    echo 'the scratch Redis does not come up; its last lines:' >&2
    docker logs --tail 10 ${container} >&2 2>&1
    exit 1
  fi
  n=$((n + 1))
  sleep 0.5
done
printf '%s\n' "$said"
docker logs ${container} 2>&1 | grep 'Done loading RDB' || :`
}
