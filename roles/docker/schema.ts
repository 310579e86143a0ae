import { secret, type VarsOf } from '../../lib/inventory/schema.ts'
import { keys } from '../versions.ts'

/** Variables of the docker role. */
export const dockerVars = {
  type: 'object',
  additionalProperties: false,
  properties: {
    docker_source: {
      enum: ['distribution', 'docker'],
      default: 'distribution',
      description: "where the engine comes from: the distribution's packages, or Docker's own apt repository",
    },
    docker_apt_url: {
      type: 'string',
      pattern: '^https?://.*[^/]$',
      default: 'https://download.docker.com/linux',
      description: "Docker's apt repository or a mirror of it, without the name of the distribution",
    },
    docker_apt_key_sha256: {
      type: 'string',
      pattern: '^[0-9a-f]{64}$',
      default: keys.docker,
      description: 'SHA-256 of the key that this repository is signed by',
    },
    docker_log_max_size: {
      type: 'string',
      pattern: '^[0-9]+[kmg]$',
      default: '10m',
      description: "size at which a container's log is rotated",
    },
    docker_log_max_file: {
      type: 'integer',
      minimum: 1,
      default: 3,
      description: 'rotated logs kept for each container',
    },
    docker_live_restore: {
      type: 'boolean',
      default: true,
      description: 'keep containers running while the engine restarts; Swarm refuses it',
    },
    docker_no_new_privileges: {
      type: 'boolean',
      default: false,
      description:
        'no process of any container may gain rights (sudo, setuid); services of Swarm cannot say it for themselves',
    },
    docker_insecure_registries: {
      type: 'array',
      items: { type: 'string' },
      default: [],
      description: 'registries spoken to without TLS, as host:port',
    },
    docker_registry_mirrors: {
      type: 'array',
      items: { type: 'string', pattern: '^https?://' },
      default: [],
      description: 'pull-through mirrors of Docker Hub, as URLs',
    },
    docker_address_pools: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['base', 'size'],
        properties: {
          base: { type: 'string', pattern: '^[0-9a-fA-F:.]+/[0-9]+$', description: 'a network as CIDR' },
          size: {
            type: 'integer',
            minimum: 1,
            maximum: 128,
            description: 'prefix length of each bridge network',
          },
        },
      },
      default: [],
      description: "where bridge networks get their addresses; Docker's own choice if empty",
    },
    docker_registries: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['address', 'username', 'password'],
        properties: {
          address: { type: 'string', description: 'registry.example.com:5000, as image names begin' },
          username: { type: 'string' },
          password: secret,
        },
      },
      default: [],
      description: "logins to private registries, kept in root's Docker configuration",
    },
  },
} as const

export type DockerVars = VarsOf<typeof dockerVars>
