import type { VarsOf } from '../../lib/inventory/schema.ts'
import { certificate, ownSecrets, providerKeys } from './secrets.ts'
import {
  baseImages,
  database,
  hostAddress,
  innerAddress,
  localAddress,
  localPorts,
  ownRelease,
  providers,
  publicAddress,
  publicPorts,
  pulledRelease,
  quiet,
  quietDebug,
  replicated,
  serverMemory,
  servicePorts,
  smallMemory,
  talkative,
} from './settings.ts'

/** What the env file of each stage may hold. Every setting with a sane default is optional. */
export const settingsSchemas = {
  dev: {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...localPorts,
      ...localAddress,
      ...servicePorts,
      ...talkative,
      ...providers,
      ...database,
      ...smallMemory,
      ...ownRelease,
      ...baseImages,
    },
  },
  test: {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...innerAddress,
      ...quietDebug,
      ...providers,
      ...database,
      ...smallMemory,
      ...ownRelease,
      ...baseImages,
    },
  },
  prod: {
    type: 'object',
    additionalProperties: false,
    required: ['RELEASE', 'REGISTRY', 'PUBLIC_URL', 'SERVER_NAME'],
    properties: {
      ...pulledRelease,
      ...publicAddress,
      ...hostAddress,
      ...publicPorts,
      ...quiet,
      ...providers,
      ...database,
      ...serverMemory,
      ...baseImages,
    },
  },
  swarm: {
    type: 'object',
    additionalProperties: false,
    required: ['RELEASE', 'REGISTRY', 'PUBLIC_URL', 'SERVER_NAME'],
    properties: {
      ...pulledRelease,
      ...publicAddress,
      ...publicPorts,
      ...replicated,
      ...quiet,
      ...providers,
      ...database,
      ...serverMemory,
      ...baseImages,
    },
  },
} as const

const own = Object.keys(ownSecrets)
const local = {
  type: 'object',
  additionalProperties: false,
  required: own,
  properties: { ...ownSecrets, ...providerKeys },
} as const
const served = {
  type: 'object',
  additionalProperties: false,
  required: [...own, ...Object.keys(certificate)],
  properties: { ...ownSecrets, ...certificate, ...providerKeys },
} as const

/** What the folder of secrets of each stage holds, a file each. */
export const secretsSchemas = { dev: local, test: local, prod: served, swarm: served } as const

export type StageName = keyof typeof settingsSchemas

/** The settings of a stage, defaults filled in. */
export type SettingsOf<S extends StageName> = VarsOf<(typeof settingsSchemas)[S]>

/** The names of all secrets of a stage. */
export type SecretNameOf<S extends StageName> = keyof (typeof secretsSchemas)[S]['properties']
