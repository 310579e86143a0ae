import { QuaysideError } from '../error.ts'
import { type Script, sh } from '../script/index.ts'
import type { RedisPart } from './manifest.ts'
import { objectKeys } from './object-keys.ts'
import { type Shipping, ship } from './ship.ts'

const container = 'redis'

/**
 * Has Redis save, waits for the end of that very save, and prints its version, how many keys there are and where the file is.
 * The password is read inside the container, into the environment of redis-cli alone. LASTSAVE counts whole seconds:
 * it is let go by first, so that a save of the same second is not taken for ours.
 */
export const saveScript: Script = sh`
docker inspect ${container} >/dev/null || { echo 'there is no container ${container}' >&2; exit 1; }
docker exec -i ${container} sh -s <<'redis-save'
cli() { REDISCLI_AUTH=$(cat /etc/quayside/redis/password 2>/dev/null) redis-cli --raw "$@" </dev/null; }
field() { cli info "$1" | tr -d '\\r' | sed -n "s/^$2://p"; }
number() { case $1 in ''|*[!0-9]*) echo "redis says: $1" >&2; exit 1;; esac; }
before=$(cli lastsave); number "$before"
while [ "$(cli time | head -n 1)" -le "$before" ]; do sleep 0.1; done
waited=0
until said=$(cli bgsave); [ "$said" = 'Background saving started' ]; do
  # another save, or a rewrite of the append-only file, is under way: ours comes after it
  waited=$((waited + 1))
  [ "$waited" -lt 3000 ] || { echo "redis does not save: $said" >&2; exit 1; }
  case $said in *'in progress'*|*'child process'*|*'append only file'*|*'AOF'*) sleep 0.2;; *) echo "redis does not save: $said" >&2; exit 1;; esac
  before=$(cli lastsave)
  while [ "$(cli time | head -n 1)" -le "$before" ]; do sleep 0.1; done
done
until now=$(cli lastsave); number "$now"; [ "$now" -gt "$before" ]; do
  if [ "$(field persistence rdb_bgsave_in_progress)" = 0 ] && [ "$(cli lastsave)" -le "$before" ]; then
    echo 'redis could not save: its log says why (no room on its disk, no memory to fork?)' >&2; exit 1
  fi
  sleep 0.1
done
file=$(cli config get dir | tail -n 1)/$(cli config get dbfilename | tail -n 1)
[ -f "$file" ] || { echo "redis has saved, and $file is not there" >&2; exit 1; }
if command -v redis-check-rdb >/dev/null; then
  said=$(redis-check-rdb "$file" 2>&1) || { echo "$said" | tail -n 3 >&2; exit 1; }
fi
field server redis_version
cli info keyspace | sed -n 's/^db[0-9]*:keys=\\([0-9]*\\).*/\\1/p' | { sum=0; while read -r n; do sum=$((sum + n)); done; echo "$sum"; }
echo "$file"
redis-save
`

/** A fresh RDB of Redis on the first host of group db, checked where the image has the tool. */
export async function takeRedis(shipping: Shipping): Promise<RedisPart> {
  const { place, signal } = shipping
  const { db } = place.plan
  const connection = await place.connection(db)
  const { code, stdout, stderr } = await connection.run(saveScript, { title: 'the save of Redis', signal })
  const [version = '', keys = '', file = ''] = stdout.trim().split('\n')
  if (code !== 0 || !/^\d+$/.test(keys) || !file.startsWith('/'))
    throw new QuaysideError(`${db.name}: Redis could not be saved: ${stderr.trim() || stdout.trim()}`, {
      hint: `docker logs ${container} on ${db.name}; backup_redis: false leaves it out`,
    })
  // Redis renames a new file over this one: what is open stays what it is.
  const { object } = await ship(shipping, {
    host: db,
    title: 'Redis',
    key: objectKeys.redis,
    script: sh`docker exec ${container} cat ${file}`,
  })
  return { host: db.name, version, keys: Number(keys), object }
}
