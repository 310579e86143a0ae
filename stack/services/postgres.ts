import type { ConfigFile, Service } from '../../lib/stack/model.ts'
import { image } from '../images.ts'

export const postgres: Service = {
  name: 'postgres',
  about:
    'PostgreSQL with pgvector. Its settings follow from the memory and the processors it may use: postgres/start.sh.',
  image: image.postgres,
  user: '999:999',
  entrypoint: ['sh', '/etc/agentlab/postgres/start.sh'],
  command: ['postgres'],
  environment: {
    PGDATA: '/var/lib/postgresql/data',
    POSTGRES_PASSWORD_FILE: '/run/secrets/postgres_superuser_password',
    POSTGRES_INITDB_ARGS: '--data-checksums --encoding=UTF8 --locale=C.UTF-8',
    APP_DATABASE: '${POSTGRES_DB:-app}',
    APP_USER: '${POSTGRES_USER:-app}',
  },
  secrets: ['postgres_superuser_password', 'postgres_password'],
  configs: {
    postgres_start: '/etc/agentlab/postgres/start.sh',
    postgres_conf: '/etc/agentlab/postgres/postgresql.conf',
    postgres_first: '/docker-entrypoint-initdb.d/10-app.sh',
  },
  networks: ['database'],
  mounts: [
    { type: 'volume', source: 'postgres-data', target: '/var/lib/postgresql/data' },
    { type: 'tmpfs', target: '/tmp', sizeMb: 64 },
    { type: 'tmpfs', target: '/var/run/postgresql', sizeMb: 16 },
    // Where parallel workers exchange rows: Docker's own 64 MB end a large query with an error.
    { type: 'tmpfs', target: '/dev/shm', sizeMb: 256 },
  ],
  // Over TCP, since the server that initialises the data listens on the socket alone.
  health: {
    command: ['pg_isready', '-q', '-h', '127.0.0.1', '-U', 'postgres'],
    intervalSeconds: 2,
    timeoutSeconds: 4,
    retries: 6,
    startPeriodSeconds: 120,
  },
  resources: {
    memoryMb: '${POSTGRES_MEMORY_MB:-1024}',
    reservedMb: 256,
    cpus: '${POSTGRES_CPUS:-1}',
    pids: 300,
  },
  // SIGINT is the fast shutdown: clients are cut off, a checkpoint is written.
  stop: { signal: 'SIGINT', graceSeconds: 60 },
}

export const postgresConfigs: readonly ConfigFile[] = [
  { name: 'postgres_start', path: './postgres/start.sh' },
  { name: 'postgres_conf', path: './postgres/postgresql.conf' },
  { name: 'postgres_first', path: './postgres/first.sh' },
]
