import type { Health, Service } from '../../lib/stack/model.ts'
import { image } from '../images.ts'

const database = {
  DATABASE_HOST: 'postgres',
  DATABASE_NAME: '${POSTGRES_DB:-app}',
  DATABASE_USER: '${POSTGRES_USER:-app}',
  DATABASE_PASSWORD_FILE: '/run/secrets/postgres_password',
  // Inside one network of one machine: there is no certificate to check.
  DATABASE_SSLMODE: 'disable',
}

/** The images' own check, so that files say what is checked. -I and -S: 20 ms instead of 100. */
const health: Health = {
  command: ['python', '-I', '-S', '/srv/app/healthcheck.py'],
  intervalSeconds: 2,
  timeoutSeconds: 4,
  retries: 3,
  startPeriodSeconds: 30,
}

export const api: Service = {
  name: 'api',
  about: 'The api (FastAPI).',
  image: image.api,
  user: '10001:10001',
  environment: {
    ...database,
    DATABASE_POOL_SIZE: '${DATABASE_POOL_SIZE:-20}',
    REDIS_HOST: 'redis',
    REDIS_PASSWORD_FILE: '/run/secrets/redis_password',
    API_SIGNING_KEY_FILE: '/run/secrets/api_signing_key',
    ANTHROPIC_API_KEY_FILE: '/run/secrets/anthropic_api_key',
    OPENAI_API_KEY_FILE: '/run/secrets/openai_api_key',
    OLLAMA_URL: '${OLLAMA_URL:-}',
    LOG_LEVEL: '${LOG_LEVEL:-info}',
  },
  secrets: ['postgres_password', 'redis_password', 'api_signing_key', 'anthropic_api_key', 'openai_api_key'],
  networks: ['backend', 'database', 'egress'],
  mounts: [{ type: 'tmpfs', target: '/tmp', sizeMb: 64 }],
  health,
  resources: { memoryMb: 512, reservedMb: 128, cpus: '1', pids: 256 },
  // Longer than it takes to drain, and to let what runs finish.
  stop: { graceSeconds: 20 },
}

/** Runs before the api does, once, and ends. */
export const migrate: Service = {
  name: 'migrate',
  about: 'Brings the schema up to what the api expects, once, and ends.',
  image: image.api,
  user: '10001:10001',
  command: ['python', '-m', 'app.migrate'],
  environment: database,
  secrets: ['postgres_password'],
  networks: ['database'],
  mounts: [{ type: 'tmpfs', target: '/tmp', sizeMb: 16 }],
  health: 'none',
  resources: { memoryMb: 256, reservedMb: 64, cpus: '1', pids: 64 },
  stop: { graceSeconds: 20 },
}

/** Documents to search and a person to sign in as: for development and tests. */
export const seed: Service = {
  ...migrate,
  name: 'seed',
  about: 'Documents to search and a person to sign in as; what is there stays.',
  command: ['python', '-m', 'app.seed'],
  // It refuses to sow a password that everybody knows into a release.
  environment: { ...database, RELEASE: 'dev' },
}
