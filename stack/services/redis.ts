import type { ConfigFile, Service } from '../../lib/stack/model.ts'
import { image } from '../images.ts'

// The password reaches redis-cli by its environment, from a file: it is in no argv and no docker inspect.
const ping = 'REDISCLI_AUTH=$(cat /run/secrets/redis_password) redis-cli ping | grep -qx PONG'

export const redis: Service = {
  name: 'redis',
  about:
    'Redis: a cache that survives a restart. It keeps three quarters of its memory for data: redis/start.sh.',
  image: image.redis,
  user: '999:999',
  entrypoint: ['sh', '/etc/agentlab/redis/start.sh'],
  secrets: ['redis_password'],
  configs: {
    redis_start: '/etc/agentlab/redis/start.sh',
    redis_conf: '/etc/agentlab/redis/redis.conf',
  },
  networks: ['database'],
  mounts: [
    { type: 'volume', source: 'redis-data', target: '/data' },
    { type: 'tmpfs', target: '/tmp', sizeMb: 16 },
  ],
  health: {
    command: ['sh', '-c', ping],
    intervalSeconds: 2,
    timeoutSeconds: 4,
    retries: 6,
    startPeriodSeconds: 60,
  },
  resources: { memoryMb: '${REDIS_MEMORY_MB:-384}', reservedMb: 64, cpus: '1', pids: 128 },
  ulimits: { nofile: 1064 },
  stop: { graceSeconds: 30 },
}

export const redisConfigs: readonly ConfigFile[] = [
  { name: 'redis_start', path: './redis/start.sh' },
  { name: 'redis_conf', path: './redis/redis.conf' },
]
