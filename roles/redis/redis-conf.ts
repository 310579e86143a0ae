import { plain, Secret, text } from '../../lib/secret/index.ts'
import type { RedisVars } from './schema.ts'

/** redis.conf. It holds the password, so all of it is a Secret. */
export function redisConf(vars: RedisVars) {
  return text`
    requirepass ${quoted(vars.redis_password)}
    maxmemory ${vars.redis_maxmemory_mb}mb
    ${redisSettings(vars)}
  `
}

type Chosen = Pick<RedisVars, 'redis_maxclients' | 'redis_maxmemory_policy' | 'redis_appendfsync'>

/** All of it but the password and the memory. */
export function redisSettings(vars: Chosen): string {
  return plain`
    bind * -::*
    port 6379
    protected-mode yes
    tcp-keepalive 60
    maxclients ${vars.redis_maxclients}
    logfile ""

    # Fixed while it runs: a client with the password cannot write files or load code by them.
    enable-protected-configs no
    enable-debug-command no
    enable-module-command no

    maxmemory-policy ${vars.redis_maxmemory_policy}
    lazyfree-lazy-eviction yes
    lazyfree-lazy-expire yes

    # Snapshots to copy away, and a log so that little is lost.
    dir /data
    save 3600 1 300 100 60 10000
    appendonly yes
    appendfsync ${vars.redis_appendfsync}
    aof-use-rdb-preamble yes
  `
}

/** A word as redis reads it back: JSON's escapes are among its own. */
function quoted(password: Secret): Secret {
  return new Secret(JSON.stringify(password.reveal()), 'composed')
}
