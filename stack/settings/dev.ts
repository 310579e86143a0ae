import type { Setting } from '../../lib/stack/setting.ts'
import { reference } from '../environment/index.ts'
import { image } from '../images.ts'
import { ports } from '../nginx/conf.ts'
import { migrate, seed } from '../services/api.ts'
import { building } from './building.ts'
import { onLoopback } from './ports.ts'

const api = {
  context: '../docker/api',
  target: 'dev',
  args: {
    PYTHON_BASE: image.python,
    REQUIREMENTS: '${API_REQUIREMENTS:-requirements.txt}',
    DEV_REQUIREMENTS: '${API_DEV_REQUIREMENTS:-requirements.dev.txt}',
  },
  ...building,
} as const

const sources = [
  { type: 'bind', source: '../docker/api/app', target: '/srv/app', readOnly: true },
  { type: 'bind', source: '../docker/api/migrations', target: '/srv/migrations', readOnly: true },
] as const

export const dev: Setting = {
  name: 'dev',
  about: `Development: sources are mounted and reload on change, debuggers can attach, ports are on this machine's loopback.

    npx zx playbooks/dev.ts up          makes the secrets and a certificate, moves ports that are taken, waits, and says where

By hand: mkdir -m 700 -p compose/secrets/dev, a file for each of the secrets at the end of this file, and then
    docker compose -f compose/dev.yaml up --build
Settings stand in compose/dev.env (--env-file), see dev.env.example; what is only yours in compose/docker-compose.override.yaml.

Written from stack/ by: npm run compose. Changes made here are lost.`,
  secretsIn: './secrets/dev',
  services: {
    postgres: { networks: ['postgres-port'], ports: [onLoopback('POSTGRES_PORT', 5432)] },
    redis: { networks: ['redis-port'], ports: [onLoopback('REDIS_PORT', 6379)] },
    migrate: {
      mounts: sources,
      after: { postgres: 'healthy' },
      restart: 'no',
    },
    seed: { mounts: sources, after: { migrate: 'completed' }, restart: 'no' },
    api: {
      build: api,
      environment: {
        LOG_LEVEL: reference('dev', 'LOG_LEVEL'),
        DEBUG: reference('dev', 'DEBUG'),
        PUBLIC_URL: reference('dev', 'PUBLIC_URL'),
      },
      mounts: sources,
      ports: [onLoopback('API_PORT', 8000), onLoopback('API_DEBUG_PORT', 5678)],
      after: { migrate: 'completed', redis: 'healthy' },
    },
    web: {
      build: { context: '../docker/web', target: 'dev', args: { NODE_BASE: image.node }, ...building },
      // next dev compiles each page when it is first asked for.
      resources: { memoryMb: 1536, pids: 512 },
      networks: ['web-port'],
      mounts: [
        { type: 'bind', source: '../docker/web/app', target: '/srv/app', readOnly: true },
        { type: 'volume', source: 'web-cache', target: '/srv/.next' },
      ],
      ports: [onLoopback('WEB_PORT', 3000), onLoopback('WEB_DEBUG_PORT', 9229)],
      after: { api: 'started' },
      // Next.js ends when its settings have changed, to be started again.
      restart: 'on-failure',
    },
    nginx: {
      environment: {
        SERVER_NAME: reference('dev', 'SERVER_NAME'),
        PUBLIC_URL: reference('dev', 'PUBLIC_URL'),
      },
      ports: [onLoopback('HTTPS_PORT', 8443, ports.https), onLoopback('HTTP_PORT', 8080, ports.http)],
      after: { api: 'started', web: 'started' },
    },
  },
  more: [migrate, seed],
  networks: [
    // One for each: on a common one a name would stand for two addresses, and only one of them would answer.
    ...['postgres', 'redis', 'web'].map((name) => ({
      name: `${name}-port`,
      about: `It only carries the ports of ${name} to this machine.`,
      internal: false,
      isolated: true,
    })),
  ],
  volumes: [{ name: 'web-cache', about: 'What next dev has compiled.' }],
  configs: [{ name: 'nginx_conf', path: './nginx/dev.conf' }],
}
