import type { VarsOf } from '../../lib/inventory/schema.ts'
import { certificate, localCertificate, ownSecrets, providerKeys } from './secrets.ts'
import {
  baseImages,
  building,
  database,
  debugging,
  elsewhere,
  localAddress,
  localPorts,
  ownRelease,
  project,
  providers,
  publicAddress,
  publicPorts,
  pulledRelease,
  quiet,
  quietDebug,
  replicated,
  resources,
  secretsFolder,
  servedImages,
  servicePorts,
  smallRedis,
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
      ...resources,
      ...smallRedis,
      ...ownRelease,
      ...servedImages,
      ...baseImages,
      ...building,
      ...debugging,
      ...project('dev'),
    },
  },
  test: {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...quietDebug,
      ...providers,
      ...database,
      ...resources,
      ...smallRedis,
      ...ownRelease,
      ...servedImages,
      ...baseImages,
      ...building,
      ...secretsFolder,
      ...project('test'),
    },
  },
  prod: {
    type: 'object',
    additionalProperties: false,
    required: ['RELEASE', 'REGISTRY', 'PUBLIC_URL', 'SERVER_NAME'],
    properties: {
      ...pulledRelease,
      ...publicAddress,
      ...publicPorts,
      ...quiet,
      ...providers,
      ...database,
      ...resources,
      ...servedImages,
      ...project('prod'),
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
      ...elsewhere,
      ...resources,
      ...servedImages,
    },
  },
} as const

const own = Object.keys(ownSecrets)
const local = {
  type: 'object',
  additionalProperties: false,
  required: own,
  properties: { ...ownSecrets, ...localCertificate, ...providerKeys },
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
