import type { Setting } from '../../lib/stack/setting.ts'
import { reference } from '../environment/index.ts'
import { image } from '../images.ts'
import { migrate, seed } from '../services/api.ts'
import { building } from './building.ts'
import { anywhere } from './ports.ts'

/** In memory: a test leaves nothing, and waits for no disk. */
const inMemory = (target: string, sizeMb: number) => ({ type: 'tmpfs', target, sizeMb }) as const

export const test: Setting = {
  name: 'test',
  about: `Tests: the release images as production runs them, over a database in memory, on a free port; several side by side.

    npx zx playbooks/test.ts            makes one, runs the app's own tests against it, and takes it away

By hand, with a name of its own, after the images were built and the secrets were made (compose/secrets/test):
    docker compose -p mine -f compose/test.yaml up -d && docker compose -p mine -f compose/test.yaml port nginx 8443

Written from stack/ by: npm run compose. Changes made here are lost.`,
  secretsIn: '${SECRETS_DIR:-./secrets/test}',
  services: {
    // Nothing to lose: it need not wait for a disk that it has not.
    postgres: {
      command: ['postgres', '-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', 'synchronous_commit=off'],
      // The mount itself is root's: the server wants a folder that is its own.
      environment: { PGDATA: '/var/lib/postgresql/data/server' },
      mounts: [inMemory('/var/lib/postgresql/data', 512)],
    },
    // /data is the redis user's on a volume, and root's in memory: what it keeps goes elsewhere.
    redis: {
      command: ['--dir', '/memory'],
      mounts: [inMemory('/data', 1), inMemory('/memory', 64)],
    },
    migrate: { after: { postgres: 'healthy' }, restart: 'no' },
    seed: { after: { migrate: 'completed' }, restart: 'no' },
    api: {
      environment: { DEBUG: reference('test', 'DEBUG') },
      build: {
        context: '../docker/api',
        args: {
          PYTHON_BASE: image.python,
          REQUIREMENTS: '${API_REQUIREMENTS:-requirements.txt}',
          RELEASE: '${RELEASE:-dev}',
        },
        ...building,
      },
      after: { migrate: 'completed', redis: 'healthy' },
    },
    web: {
      build: {
        context: '../docker/web',
        args: { NODE_BASE: image.node, RELEASE: '${RELEASE:-dev}' },
        ...building,
      },
      after: { api: 'started' },
    },
    nginx: {
      environment: { SERVER_NAME: 'localhost', PUBLIC_URL: 'https://localhost' },
      ports: [anywhere],
      after: { api: 'started', web: 'started' },
    },
  },
  more: [migrate, seed],
  without: ['postgres-data', 'redis-data'],
  configs: [{ name: 'nginx_conf', path: './nginx/test.conf' }],
}
