import { QuaysideError } from '../../error.ts'
import { piped, raw, type Script, sh } from '../../script/index.ts'
import type { RedisPart } from '../manifest.ts'
import { openSealed } from '../sealed.ts'
import { dataFolder, ours, repairFolder } from './folder.ts'
import { pourAll } from './pour.ts'
import type { Source, Tools } from './tools.ts'
import { swapStopped } from './volume.ts'

const config = '/etc/quayside/redis'

/** Asks a Redis in a container, with the password of its own file. */
const cli = raw(
  `cli() { docker exec "$1" sh -c 'shift; REDISCLI_AUTH=$(cat ${config}/password 2>/dev/null) redis-cli --raw "$@"' sh "$@" </dev/null; }
field() { cli "$1" info "$2" | tr -d '\\r' | sed -n "s/^$3://p"; }
keys() { cli "$1" info keyspace | sed -n 's/^db[0-9]*:keys=\\([0-9]*\\).*/\\1/p' | { sum=0; while read -r n; do sum=$((sum + n)); done; echo "$sum"; }; }
until_true() { left=$1; shift; until "$@"; do left=$((left - 1)); [ "$left" -gt 0 ] || return 1; sleep 0.5; done; }
`,
)

/** Removes scratch servers that runs have left. */
export const sweepScratch: Script = sh`docker ps -aq --filter name=^quayside-restore-redis- | xargs -r docker rm -f >/dev/null`

/**
 * Reads a compressed RDB on standard input, has a scratch server with Redis' own image and configuration load it, and has
 * that write the append-only file: a server with `appendonly yes` loads that file and never looks at an RDB. Redis itself
 * serves on meanwhile. Prints how many keys there are, and how many had expired since.
 */
export function prepareRedis(container: string, folder: string, run: string): Script {
  const next = `${folder}/${ours.next(run)}`
  const scratch = `quayside-restore-redis-${run}`
  return sh`${cli}
umask 077
mkdir ${next} || exit 1
${piped(sh`zstd -dq`, sh`cat >${`${next}/dump.rdb`}`)}
[ $? = 0 ] || exit 1
user=$(docker inspect ${container} --format '{{.Config.User}}') && image=$(docker inspect ${container} --format '{{.Image}}') || exit 1
if [ -n "$user" ]; then chown -R "$user" ${next}; else chown -R --reference=${folder} ${next}; fi || exit 1
set -- redis-server
mount=
if [ -f ${`${config}/redis.conf`} ]; then set -- redis-server ${`${config}/redis.conf`}; mount=${`--mount=type=bind,source=${config},target=${config},readonly`}; fi
trap ${`docker rm -f ${scratch} >/dev/null 2>&1`} EXIT
docker run -d --name ${scratch} --network none --user "\${user:-$(stat -c %u:%g ${next})}" --cap-drop ALL \
  ${`--mount=type=bind,source=${next},target=/data`} $mount --entrypoint "$1" "$image" \${2:+"$2"} --dir /data --appendonly no --save '' >/dev/null || exit 1
loaded() {
  [ "$(docker inspect -f '{{.State.Running}}' ${scratch})" = true ] || { docker logs --tail 5 ${scratch} >&2; exit 1; }
  [ "$(cli ${scratch} ping 2>/dev/null)" = PONG ]
}
until_true 1200 loaded || { echo 'the snapshot was not loaded in ten minutes' >&2; exit 1; }
keys ${scratch}
field ${scratch} persistence rdb_last_load_keys_expired
[ "$(cli ${scratch} config set appendonly yes)" = OK ] || { echo 'no append-only file can be written' >&2; exit 1; }
written() {
  [ "$(field ${scratch} persistence aof_rewrite_in_progress)" = 0 ] && [ "$(field ${scratch} persistence aof_rewrite_scheduled)" = 0 ]
}
until_true 1200 written && [ "$(field ${scratch} persistence aof_last_bgrewrite_status)" = ok ] || { echo 'the append-only file could not be written' >&2; docker logs --tail 5 ${scratch} >&2; exit 1; }
cli ${scratch} shutdown nosave >/dev/null 2>&1
stopped() { [ "$(docker inspect -f '{{.State.Running}}' ${scratch})" = false ]; }
until_true 120 stopped || { echo 'the scratch server does not end' >&2; exit 1; }`
}

/** Waits until Redis answers, and prints how many keys it has. */
export function askKeys(container: string): Script {
  return sh`${cli}
answers() { [ "$(cli ${container} ping 2>/dev/null)" = PONG ]; }
until_true 240 answers || { docker logs --tail 5 ${container} >&2; exit 1; }
keys ${container}`
}

/** Restores Redis: seconds without it, and its old data is kept beside. Gives what there is to tell. */
export async function restoreRedis(
  tools: Tools,
  source: Source,
  part: RedisPart,
  stamp: string,
  container = 'redis',
): Promise<{ readonly keys: number; readonly expired: number; readonly before: string }> {
  const { db } = tools.plan
  const connection = await tools.connection(db)
  const run = async (script: Script, title: string) => {
    const { code, stdout, stderr } = await connection.run(script, { title })
    if (code !== 0) throw new QuaysideError(`${db.name}: ${title} failed: ${stderr.trim() || stdout.trim()}`)
    return stdout.trimEnd()
  }
  const folder = await run(dataFolder(container), 'the look at Redis')
  if (!folder.startsWith('/'))
    throw new QuaysideError(`${db.name}: container ${container} has no volume at /data`)
  await run(sweepScratch, 'the sweep of scratch servers')
  const repaired = await run(repairFolder(folder), "the look at Redis' data")
  if (repaired !== '') tools.emit({ type: 'note', host: db.name, text: repaired })
  const { signal } = tools
  try {
    const sealed = await openSealed(tools.store, source.folder, part.object, tools.keys, signal)
    const said = await pourAll(connection, prepareRedis(container, folder, tools.run), sealed, {
      title: "Redis' snapshot in a scratch server",
      signal,
    })
    const [keys = 0, expired = 0] = said.trim().split('\n').map(Number)
    if (keys + expired === 0 && part.keys > 0)
      throw new QuaysideError(`the snapshot of Redis is empty, and ${part.keys} keys were backed up`)
    signal.throwIfAborted()
    await run(swapStopped(folder, sh`echo ${container}`, tools.run, stamp), "the swap of Redis' data")
    const now = Number(await run(askKeys(container), 'the question how many keys Redis has'))
    if (now === 0 && keys > 0)
      throw new QuaysideError(`${db.name}: Redis has come up empty`, {
        hint: `its old data is in ${folder}/${ours.before(stamp)}`,
      })
    return { keys: now, expired, before: `${folder}/${ours.before(stamp)}` }
  } catch (error) {
    await connection.run(repairFolder(folder)).catch(() => {})
    throw error
  }
}
