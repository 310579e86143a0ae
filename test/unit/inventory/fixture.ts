import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, vi } from 'vitest'
import type { Inventory, LoadOptions } from '../../../lib/inventory/inventory.ts'
import { loadInventory } from '../../../lib/inventory/load.ts'
import type { PlayedRole } from '../../../lib/inventory/roles.ts'
import { type Property, secret } from '../../../lib/inventory/schema.ts'

/** The files of an inventory, by path. */
export type Files = Readonly<Record<string, string>>

export interface Fixture {
  /** the temporary folder; inventory/lab is in it, and state/ is XDG_STATE_HOME */
  root: string
  load(files: Files, roles?: readonly PlayedRole[], more?: More): Promise<Inventory>
  /** the error's message, with the fixture's paths as inventory/lab/… */
  complaint(files: Files, roles?: readonly PlayedRole[], more?: More): Promise<string>
}

/** What a command line adds. */
export type More = Pick<LoadOptions, 'extraVars' | 'limit' | 'besides'>

/** Gives each test a temporary folder of its own to write an inventory to. */
export function fixture(): Fixture {
  const made: Fixture = {
    root: '',
    async load(files, roles = [redis], more = {}) {
      const dir = join(made.root, 'inventory', 'lab')
      await mkdir(dir, { recursive: true })
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(dir, path)), { recursive: true })
        await writeFile(join(dir, path), content, { mode: 0o600 })
      }
      return loadInventory({ env: 'lab', dir, schemas: roles, ...more })
    },
    async complaint(files, roles, more) {
      const error: unknown = await made.load(files, roles, more).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      return error instanceof Error ? error.message.replaceAll(`${made.root}/`, '') : 'no complaint'
    },
  }
  beforeEach(async () => {
    made.root = await realpath(await mkdtemp(join(tmpdir(), 'quayside-inventory-')))
    vi.stubEnv('XDG_STATE_HOME', join(made.root, 'state'))
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await rm(made.root, { recursive: true, force: true })
  })
  return made
}

export function roleOf(
  role: string,
  hosts: string,
  properties: Record<string, Property>,
  required: string[] = [],
): PlayedRole {
  return { role, hosts, schema: { type: 'object', properties, required, additionalProperties: false } }
}

/** A role with a variable of each kind, played on db. */
export const redis = roleOf('redis', 'db', {
  redis_maxmemory: { type: 'string', default: '256mb' },
  redis_port: { type: 'integer', minimum: 1, maximum: 65535, default: 6379 },
  redis_appendonly: { type: 'boolean', default: true },
  redis_policy: { enum: ['noeviction', 'allkeys-lru'], default: 'noeviction' },
})

/** A role whose variable is a list of mappings that hold secrets, played on app. */
export const app = roleOf(
  'app',
  'app',
  {
    apps: {
      type: 'array',
      minItems: 1,
      description: 'what a release consists of',
      items: {
        type: 'object',
        properties: {
          name: { type: 'string', pattern: '^[a-z]+$' },
          port: { type: 'integer', minimum: 1, maximum: 65535 },
          replicas: { type: 'integer', default: 1 },
          secrets: { type: 'object', additionalProperties: secret, default: {} },
        },
        required: ['name', 'port'],
        additionalProperties: false,
      },
    },
  },
  ['apps'],
)

export const oneDb = 'all:\n  children:\n    db:\n      hosts:\n        db-1:\n'
export const oneApp = 'all:\n  children:\n    app:\n      hosts:\n        app-1:\n'
