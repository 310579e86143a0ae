import { secret, type VarsOf } from '../../lib/inventory/schema.ts'
import { images } from '../versions.ts'

/** Variables of the redis role. */
export const redisVars = {
  type: 'object',
  additionalProperties: false,
  required: ['redis_password'],
  properties: {
    redis_image: { type: 'string', default: images.redis, description: 'Redis 7.0 or newer' },
    redis_uid: {
      type: 'integer',
      minimum: 1,
      default: 999,
      description: 'uid of redis in the image',
    },
    redis_port: {
      type: 'integer',
      minimum: 1,
      maximum: 65535,
      default: 6379,
      description: 'on the private address of the host',
    },
    redis_password: { ...secret, description: 'of the default user; without line breaks' },
    redis_maxmemory_mb: {
      type: 'integer',
      minimum: 16,
      default: 400,
      description:
        'data kept before the policy takes effect; below redis_memory_mb, as a snapshot needs room',
    },
    redis_memory_mb: {
      type: 'integer',
      minimum: 32,
      default: 512,
      description: 'memory limit of the container',
    },
    redis_maxmemory_policy: {
      enum: ['volatile-lru', 'volatile-lfu', 'volatile-ttl', 'allkeys-lru', 'allkeys-lfu', 'noeviction'],
      default: 'volatile-lru',
      description: 'what goes when memory is full: by default only keys that expire anyway, never a queue',
    },
    redis_appendfsync: {
      enum: ['everysec', 'always', 'no'],
      default: 'everysec',
      description: 'when writes reach the disk: a second at most is lost by default',
    },
    redis_maxclients: { type: 'integer', minimum: 10, default: 1000, description: 'connections at a time' },
    redis_sysctl: {
      type: 'boolean',
      default: true,
      description:
        'set vm.overcommit_memory=1 on the host, so that snapshots can fork; false where it is shared',
    },
  },
} as const

export type RedisVars = VarsOf<typeof redisVars>
