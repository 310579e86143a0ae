import { redisSettings } from '../../roles/redis/redis-conf.ts'

/** redis.conf but for its memory and its password, which start.sh adds. */
export function redisConf(): string {
  return redisSettings({
    redis_maxclients: 1000,
    redis_maxmemory_policy: 'volatile-lru',
    redis_appendfsync: 'everysec',
  })
}
