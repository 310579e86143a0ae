import { postgresVars } from '../../roles/postgres-pgvector/schema.ts'
import { images } from '../../roles/versions.ts'

// Each group is a part of the stages' schemas: stages.ts puts them together.

const image = {
  type: 'string',
  pattern: '^[a-z0-9][a-z0-9._/:@-]*[a-z0-9._-]$',
  title: 'a reference of an image, with a tag that names a version or a digest',
} as const

const port = { type: 'integer', minimum: 1, maximum: 65_535 } as const

const name = {
  ...postgresVars.properties.postgres_user,
  title: 'lower-case letters, digits and _, 63 at most',
} as const

/** The images that run as they are; any of them can be replaced. */
export const servedImages = {
  POSTGRES_IMAGE: { ...image, default: images.postgres, description: 'PostgreSQL with pgvector' },
  REDIS_IMAGE: { ...image, default: images.redis, description: 'Redis' },
  NGINX_IMAGE: { ...image, default: images.nginx, description: 'nginx' },
} as const

/** The images that others are built upon, where they are built. */
export const baseImages = {
  PYTHON_IMAGE: { ...image, default: images.python, description: 'what the api is built upon' },
  NODE_IMAGE: { ...image, default: images.node, description: 'what web is built upon' },
} as const

const tag = {
  type: 'string',
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$',
  title: 'a tag of an image: letters, digits and . _ -',
  examples: ['1.4.0'],
  description: "the release: the tag of the api's and web's images",
} as const

const registry = {
  type: 'string',
  pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$',
  title:
    'a registry, and what stands before /api and /web in it, without https:// and without a slash at its end',
  examples: ['registry.example.org/agentlab'],
  description: "where the api's and web's images are",
} as const

/** Images that this machine builds for itself. */
export const ownRelease = {
  RELEASE: { ...tag, default: 'dev' },
  REGISTRY: {
    ...registry,
    default: 'agentlab',
    description: "what stands before the names of the api's and web's images",
  },
} as const

/** Images that were built before, and are pulled. */
export const pulledRelease = { RELEASE: tag, REGISTRY: registry } as const

const file = {
  type: 'string',
  pattern: '^[!-~]+$',
  title: 'a path of this machine, without blanks',
} as const

const requirements = {
  type: 'string',
  pattern: '^[A-Za-z0-9][A-Za-z0-9._/-]*\\.txt$',
  title: 'a file in docker/api that ends in .txt',
} as const

/** How images are built where the way to the internet is not a plain one. */
export const building = {
  API_REQUIREMENTS: {
    ...requirements,
    default: 'requirements.txt',
    description: 'the packages of the api',
  },
  BUILD_CA_FILE: {
    ...file,
    default: '/dev/null',
    description: 'further certificate authorities, in PEM, where a proxy has one of its own',
  },
  BUILD_NPMRC_FILE: {
    ...file,
    default: '/dev/null',
    description: 'an .npmrc, where packages come from another registry',
  },
  BUILD_NETWORK: {
    type: 'string',
    enum: ['default', 'host', 'none'],
    default: 'default',
    description: 'the network that images are built in',
  },
} as const

export const debugging = {
  API_DEV_REQUIREMENTS: {
    ...requirements,
    default: 'requirements.dev.txt',
    description: 'further packages of the api in development',
  },
} as const

/** What Docker Compose calls the stack: another name is another stack, with volumes of its own. */
export const project = (stage: string) =>
  ({
    COMPOSE_PROJECT_NAME: {
      type: 'string',
      pattern: '^[a-z0-9][a-z0-9_-]*$',
      title: 'lower-case letters, digits, _ and -',
      default: `agentlab-${stage}`,
      description: 'the name of the stack, which its containers and volumes start with',
    },
  }) as const

/** Stacks for tests stand side by side, each with secrets of its own. */
export const secretsFolder = {
  SECRETS_DIR: {
    ...file,
    default: './secrets/test',
    description: 'the folder of the secrets, from compose/ or from the root',
  },
} as const

const publicUrl = {
  type: 'string',
  pattern: '^https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$',
  title: 'an address of scheme, host and port alone, without a slash at its end',
  examples: ['https://app.example.org'],
  description: 'where browsers find the app',
} as const

const serverName = {
  type: 'string',
  pattern: '^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$',
  title: 'one name of a host',
  examples: ['app.example.org'],
  description: 'the host that nginx answers as',
} as const

/** The app on this machine alone, at whatever port nginx has: it stands above, where Docker Compose looks. */
export const localAddress = {
  PUBLIC_URL: { ...publicUrl, default: 'https://localhost:${HTTPS_PORT:-8443}' },
  SERVER_NAME: { ...serverName, default: 'localhost' },
} as const

/** The app as others reach it. */
export const publicAddress = { PUBLIC_URL: publicUrl, SERVER_NAME: serverName } as const

/** nginx's ports in development, beside whatever has 80 and 443. */
export const localPorts = {
  BIND_ADDRESS: {
    type: 'string',
    pattern: '^([0-9]{1,3}(\\.[0-9]{1,3}){3}|\\[?[0-9A-Fa-f:]+\\]?)$',
    title: 'an IP address of this machine',
    default: '127.0.0.1',
    description: 'the address that all ports below are published on',
  },
  HTTP_PORT: { ...port, default: 8080, description: "nginx's port for HTTP, which only leads to HTTPS" },
  HTTPS_PORT: { ...port, default: 8443, description: "nginx's port for HTTPS" },
} as const

export const publicPorts = {
  HTTP_PORT: { ...port, default: 80, description: "nginx's port for HTTP, which only leads to HTTPS" },
  HTTPS_PORT: { ...port, default: 443, description: "nginx's port for HTTPS" },
} as const

/** What development can look into, past nginx. */
export const servicePorts = {
  WEB_PORT: { ...port, default: 3000, description: "web's own port" },
  API_PORT: { ...port, default: 8000, description: "the api's own port" },
  POSTGRES_PORT: { ...port, default: 5432, description: "PostgreSQL's port" },
  REDIS_PORT: { ...port, default: 6379, description: "Redis' port" },
  API_DEBUG_PORT: { ...port, default: 5678, description: "the port of the api's debugger, debugpy" },
  WEB_DEBUG_PORT: { ...port, default: 9229, description: "the port of web's debugger, node --inspect" },
} as const

export const database = {
  POSTGRES_DB: { ...name, default: 'app', description: "the app's database" },
  POSTGRES_USER: { ...name, default: 'app', description: "the app's role, which owns the database" },
  DATABASE_POOL_SIZE: {
    type: 'integer',
    minimum: 1,
    maximum: 20,
    default: 20,
    description: 'connections to PostgreSQL of each container of the api',
  },
} as const

const host = {
  type: 'string',
  pattern: '^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$',
  title: 'one name of a host, or an IPv4 address',
} as const

/** A database and a Redis that are somebody else's, or hosts of their own. The api's way there is the network egress. */
export const elsewhere = {
  DATABASE_HOST: {
    ...host,
    default: 'postgres',
    description: 'where PostgreSQL is; with another than the default the stack has none of its own',
  },
  DATABASE_PORT: { ...port, default: 5432, description: "PostgreSQL's port there" },
  DATABASE_SSLMODE: {
    type: 'string',
    enum: ['disable', 'prefer', 'require'],
    default: 'disable',
    description: 'TLS to it: require it of one elsewhere',
  },
  REDIS_HOST: {
    ...host,
    default: 'redis',
    description: 'where Redis is; with another than the default the stack has none of its own',
  },
  REDIS_PORT: { ...port, default: 6379, description: "Redis' port there" },
} as const

const logLevel = {
  type: 'string',
  enum: ['debug', 'info', 'warning', 'error'],
  description: 'the least that the api and web log',
} as const

/** Logs for a person who watches; and what shows a mistake to whoever made it. */
export const talkative = {
  LOG_LEVEL: { ...logLevel, default: 'debug' },
  DEBUG: {
    type: 'boolean',
    default: true,
    description: 'answers of the api say what went wrong, with where',
  },
} as const

export const quiet = { LOG_LEVEL: { ...logLevel, default: 'info' } } as const

/** A test sees what production would answer, unless it asks. */
export const quietDebug = { ...quiet, DEBUG: { ...talkative.DEBUG, default: false } } as const

export const providers = {
  OLLAMA_URL: {
    type: 'string',
    pattern: '^https?://[A-Za-z0-9\\[][A-Za-z0-9.:\\]_-]*(/[A-Za-z0-9._~/-]*)?$',
    title: 'an address that starts with http:// or https://',
    examples: ['http://host.docker.internal:11434'],
    description: 'an Ollama server, whose models the api may use',
  },
} as const

const megabytes = { type: 'integer', maximum: 1_048_576 } as const
const postgresMemory = {
  ...megabytes,
  minimum: 256,
  description: "PostgreSQL's memory in MB: its container's limit, from which it is tuned",
} as const
const redisMemory = {
  ...megabytes,
  minimum: 32,
  description: "Redis' memory in MB: its container's limit",
} as const

/** What the containers of the database may use. Redis counts what it stores, and copies some of it for a snapshot. */
export const resources = {
  POSTGRES_MEMORY_MB: { ...postgresMemory, default: 1024 },
  POSTGRES_CPUS: {
    type: 'number',
    minimum: 0.1,
    maximum: 256,
    default: 1,
    description: "PostgreSQL's processors: its container's limit",
  },
  REDIS_MEMORY_MB: { ...redisMemory, default: 384 },
} as const

/** A developer's machine has to spare less than 512 MB for Redis. */
export const smallRedis = { REDIS_MEMORY_MB: { ...resources.REDIS_MEMORY_MB, maximum: 511 } } as const

const replicas = { type: 'integer', minimum: 1, maximum: 100, default: 2 } as const

export const replicated = {
  API_REPLICAS: { ...replicas, description: 'containers of the api' },
  WEB_REPLICAS: { ...replicas, description: 'containers of web' },
  UPDATE_DELAY_SECONDS: {
    type: 'integer',
    minimum: 1,
    maximum: 3600,
    default: 15,
    description: 'how long a new container of the api, web or nginx must run before the next is exchanged',
  },
} as const
