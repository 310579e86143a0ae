import { secret, type VarsOf } from '../inventory/schema.ts'
import { contractRestoreHours } from './contract.ts'
import { keepReleases } from './old-images.ts'

const port = { type: 'integer', minimum: 1, maximum: 65535 } as const
const path = { type: 'string', pattern: '^/' } as const
const name = { type: 'string', pattern: '^[a-z][a-z0-9-]*$' } as const

const app = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'image', 'port', 'ports', 'route', 'health'],
  properties: {
    name: { ...name, description: 'names the containers and the upstreams' },
    image: { type: 'string', description: 'repository without a tag: the release is the tag' },
    port: { ...port, description: 'where the app listens inside its container' },
    ports: {
      type: 'object',
      additionalProperties: false,
      required: ['blue', 'green'],
      properties: { blue: port, green: port },
      description: 'where each colour listens on the app hosts, on their private address; replica n adds n',
    },
    route: { ...path, description: 'requests under this prefix go to this app, with their path unchanged' },
    health: { ...path, description: 'answers 200 when the app can take requests' },
    version: {
      ...path,
      description: 'answers with the release in its body or X-Release header: asked after a flip',
    },
    smoke: {
      type: 'array',
      items: path,
      default: [],
      description: 'paths that must answer 2xx through the preview listener before a flip',
    },
    assets: {
      ...path,
      description:
        'files under this prefix are named by their content; where the live colour lacks one, the other is asked',
    },
    replicas: { type: 'integer', minimum: 1, maximum: 10, default: 1, description: 'containers a host' },
    user: {
      type: 'integer',
      minimum: 1,
      default: 10001,
      description: 'uid the container runs as; owns its secrets',
    },
    env: { type: 'object', additionalProperties: { type: 'string' }, default: {} },
    secrets: {
      type: 'object',
      additionalProperties: secret,
      default: {},
      description: 'each a file /run/secrets/NAME in the container, and NAME_FILE in its environment',
    },
    command: { type: 'array', items: { type: 'string' }, description: "instead of the image's own command" },
    migrate: {
      type: 'array',
      items: { type: 'string' },
      description: 'command of a one-shot container, run on one host before the new colour starts',
    },
    memory_mb: { type: 'integer', minimum: 16, default: 512 },
    cpus: { type: 'number', exclusiveMinimum: 0, default: 1 },
    start_seconds: { type: 'integer', minimum: 1, default: 60, description: 'time to become healthy' },
    stop_seconds: {
      type: 'integer',
      minimum: 1,
      default: 30,
      description: 'time between SIGTERM and SIGKILL',
    },
  },
} as const

/** Variables of the app role; nginx-tls and deploys read the same ones. */
export const appVars = {
  type: 'object',
  additionalProperties: false,
  required: ['apps'],
  properties: {
    apps: { type: 'array', items: app, minItems: 1, description: 'the containers that make up a release' },
    deploy_contract_restore_hours: contractRestoreHours,
    deploy_keep_releases: keepReleases,
    deploy_drain_seconds: {
      type: 'integer',
      minimum: 0,
      default: 30,
      description: 'how long connections of the old colour may go on after a flip',
    },
  },
} as const

export type AppVars = VarsOf<typeof appVars>
export type App = AppVars['apps'][number]
