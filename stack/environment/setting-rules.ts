import { pinnedHint, unpinned } from '../../lib/check/image-reference.ts'
import type { SettingRule, Wrong } from '../../lib/env/stage.ts'
import { placeholderIn } from '../../lib/inventory/placeholder.ts'
import { hostOf, isLoopback, isPrivate } from './addresses.ts'
import { baseImages, servedImages, servicePorts } from './settings.ts'

/** Connections that PostgreSQL takes in every stage: compose/postgres/start.sh has the same. */
export const maxConnections = 100

/** Of those, what the api leaves to migrations, backups and people. */
export const spareConnections = 20

const no = (found: boolean, message: string, hint: string): Wrong | undefined =>
  found ? { message, hint } : undefined

const pinnedImages: readonly SettingRule[] = Object.keys({ ...servedImages, ...baseImages }).map(
  (setting) => ({
    setting,
    kind: 'insecure',
    wrong: (value) =>
      no(
        unpinned(value) !== undefined,
        `\`${setting}\` names no version: it is another image tomorrow`,
        pinnedHint,
      ),
  }),
)

const database: readonly SettingRule[] = [
  {
    setting: 'POSTGRES_USER',
    kind: 'insecure',
    wrong: (value) =>
      no(
        value === 'postgres',
        '`POSTGRES_USER` is the superuser: a hole in the app is one in all of PostgreSQL',
        'POSTGRES_USER=app',
      ),
  },
  {
    setting: 'POSTGRES_DB',
    kind: 'malformed',
    wrong: (value) =>
      no(
        ['postgres', 'template0', 'template1'].includes(value),
        "`POSTGRES_DB` is one of PostgreSQL's own databases",
        'POSTGRES_DB=app',
      ),
  },
]

const ollama: SettingRule = {
  setting: 'OLLAMA_URL',
  kind: 'insecure',
  wrong: (value) => {
    const host = hostOf(value)
    return no(
      value.startsWith('http://') && host !== undefined && !isPrivate(host),
      '`OLLAMA_URL` crosses the internet unencrypted: prompts and answers can be read on the way',
      'write https://; http:// is for loopback and private addresses',
    )
  },
}

const everywhere = [...pinnedImages, ...database, ollama]

/** Development publishes debuggers and databases: nobody else may reach them. */
const onLoopback: SettingRule = {
  setting: 'BIND_ADDRESS',
  kind: 'insecure',
  wrong: (value) =>
    no(
      !isLoopback(value),
      '`BIND_ADDRESS` opens debuggers, which run whatever they are told, and databases to the network',
      'BIND_ADDRESS=127.0.0.1',
    ),
}

const localUrl: SettingRule = {
  setting: 'PUBLIC_URL',
  kind: 'insecure',
  wrong: (value) =>
    no(
      value.startsWith('http://') && !isLoopback(hostOf(value) ?? ''),
      '`PUBLIC_URL` is not encrypted on its way: passwords and tokens can be read',
      'write https://; http:// is for loopback',
    ),
}

const ports = ['HTTP_PORT', 'HTTPS_PORT', ...Object.keys(servicePorts)]

/** Two services cannot have one port. */
const ownPort: readonly SettingRule[] = ports.map((setting) => ({
  setting,
  kind: 'malformed',
  wrong: (value, all) => {
    const other = ports.find((name) => name !== setting && all.get(name) === value)
    return no(
      other !== undefined,
      `\`${setting}\` is the port of \`${other}\`, too`,
      'give each one of its own',
    )
  },
}))

const httpsAlone: SettingRule = {
  setting: 'PUBLIC_URL',
  kind: 'insecure',
  wrong: (value) =>
    no(
      !value.startsWith('https://'),
      '`PUBLIC_URL` is not encrypted on its way: passwords and tokens can be read',
      'write https://',
    ),
}

/** What can only be meant on a machine of one's own. */
const ownMachine: readonly SettingRule[] = [
  {
    setting: 'DEBUG',
    kind: 'insecure',
    wrong: (value) =>
      no(
        value !== 'false',
        '`DEBUG` shows everybody the inside of the api when it fails',
        'delete it: only dev and test have it',
      ),
  },
  {
    setting: 'LOG_LEVEL',
    kind: 'insecure',
    wrong: (value) =>
      no(
        value === 'debug',
        "`LOG_LEVEL` debug logs what users send, which is nobody's affair",
        'LOG_LEVEL=info',
      ),
  },
  {
    setting: 'RELEASE',
    kind: 'insecure',
    wrong: (value) =>
      no(
        // Words move ("latest", "dev", "main"); versions have a digit, and a commit may have none.
        !/\d/.test(value) && !/^[0-9a-f]{7,40}$/.test(value),
        '`RELEASE` names no version: it is another image tomorrow, and nothing to go back to',
        'write the tag of one release: RELEASE=1.4.0',
      ),
  },
]

const addresses: readonly SettingRule[] = [
  ...['PUBLIC_URL', 'SERVER_NAME', 'REGISTRY'].map(
    (setting): SettingRule => ({
      setting,
      kind: 'malformed',
      wrong: (value) =>
        no(placeholderIn(value) !== undefined, `\`${setting}\` is still the example's`, 'put in your own'),
    }),
  ),
  {
    setting: 'SERVER_NAME',
    kind: 'malformed',
    wrong: (value, all) => {
      const host = hostOf(all.get('PUBLIC_URL') ?? '')
      return no(
        host !== undefined && host !== value.toLowerCase(),
        '`SERVER_NAME` is not the host of `PUBLIC_URL`: nginx would not answer there',
        'write the same host in both',
      )
    },
  },
]

/** What goes to another host, and perhaps over networks of others, is not for all to read. */
const databaseElsewhere: SettingRule = {
  setting: 'DATABASE_SSLMODE',
  kind: 'insecure',
  wrong: (value, all) => {
    const where = all.get('DATABASE_HOST') ?? 'postgres'
    return no(
      value === 'disable' && where !== 'postgres' && !isPrivate(where),
      '`DATABASE_SSLMODE` disable sends rows and passwords unencrypted to a host that is not in a network of your own',
      'DATABASE_SSLMODE=require',
    )
  },
}

/** Every container of the api has a pool of its own, and while one is replaced there are two of it. */
const pools: readonly SettingRule[] = ['API_REPLICAS', 'DATABASE_POOL_SIZE'].map((setting) => ({
  setting,
  kind: 'malformed',
  wrong: (_, all) => {
    // How many another server takes is its own affair.
    if ((all.get('DATABASE_HOST') ?? 'postgres') !== 'postgres') return undefined
    const [replicas, pool] = ['API_REPLICAS', 'DATABASE_POOL_SIZE'].map((name) => Number(all.get(name)))
    const most = maxConnections - spareConnections
    const needed = ((replicas ?? 1) + 1) * (pool ?? 1)
    return no(
      needed > most,
      `(API_REPLICAS + 1) × DATABASE_POOL_SIZE is more than the ${most} connections that PostgreSQL has for the api`,
      'lower one of them; the one more is there while a container is replaced',
    )
  },
}))

/** What schemas cannot say of settings, by stage. */
export const settingRules = {
  dev: [...everywhere, onLoopback, localUrl, ...ownPort],
  test: [...everywhere, localUrl],
  prod: [...everywhere, httpsAlone, ...ownMachine, ...addresses, ...ownPort],
  swarm: [...everywhere, httpsAlone, ...ownMachine, ...addresses, ...ownPort, ...pools, databaseElsewhere],
} as const satisfies Record<string, readonly SettingRule[]>
