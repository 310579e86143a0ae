import type { Stack } from '../lib/stack/model.ts'
import { networks } from './networks.ts'
import { secrets } from './secrets.ts'
import { api } from './services/api.ts'
import { nginx, nginxConfigs } from './services/nginx.ts'
import { postgres, postgresConfigs } from './services/postgres.ts'
import { redis, redisConfigs } from './services/redis.ts'
import { web } from './services/web.ts'

/** AgentLab: browser → nginx → web and api → PostgreSQL and Redis. compose/ is written from this. */
export const agentlab: Stack = {
  name: 'agentlab',
  services: [postgres, redis, api, web, nginx],
  networks,
  volumes: [
    { name: 'postgres-data', about: 'The database.' },
    { name: 'redis-data', about: "Redis' log and snapshots." },
  ],
  secrets,
  configs: [...postgresConfigs, ...redisConfigs, ...nginxConfigs],
}
