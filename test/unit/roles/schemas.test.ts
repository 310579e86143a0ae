import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { schemasOf } from '../../../lib/engine/play.ts'
import { hostsJsonSchema, sourceSchemas, varsJsonSchema } from '../../../lib/inventory/json-schema.ts'
import { checkSchemas, schemaTexts } from '../../../lib/inventory/schema-files.ts'
import { sourceKinds } from '../../../lib/secret/source.ts'
import { everyPlay } from '../../../roles/stack.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const folder = join(root, 'docs/schemas')
const roles = schemasOf(everyPlay)
const ajv = new Ajv({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true })
const checks = { vars: ajv.compile(varsJsonSchema(roles)), hosts: ajv.compile(hostsJsonSchema(roles)) }

test('the schemas for editors are what the roles say: npx zx playbooks/inventory.ts schema --write', async () => {
  for (const [name, text] of schemaTexts(roles))
    expect(readFileSync(join(folder, name), 'utf8'), name).toBe(text)
  await checkSchemas(folder, roles)
  await expect(checkSchemas(folder, roles.slice(1))).rejects.toMatchObject({
    message: expect.stringMatching(/docs\/schemas\/vars\.schema\.json is not what the roles say$/),
    hint: 'npx zx playbooks/inventory.ts schema --write',
  })
})

const files = readdirSync(join(root, 'inventory'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\/(hosts|(group|host)_vars\/[^/]+)\.yaml$/.test(name))
  .sort()

describe('a real inventory passes, and names its schema', () => {
  expect(files.length).toBeGreaterThan(10)
  test.each(files)('%s', (name) => {
    const text = readFileSync(join(root, 'inventory', name), 'utf8')
    const check = checks[name.endsWith('/hosts.yaml') ? 'hosts' : 'vars']
    check(parse(text))
    expect(check.errors).toBeNull()
    const [, schema] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text) ?? []
    const path = join(root, 'inventory', name, '..', schema ?? '')
    expect(path).toBe(join(folder, name.endsWith('/hosts.yaml') ? 'hosts.schema.json' : 'vars.schema.json'))
  })
})

describe('what an editor underlines', () => {
  const faulty: readonly ['vars' | 'hosts', unknown][] = [
    ['vars', { redis_prot: 1 }],
    ['vars', { redis_port: '6379' }],
    ['vars', { redis_port: 70_000 }],
    ['vars', { redis_password: 'hunter2' }],
    ['vars', { redis_password: { from_env: 'A', generate: 'b' } }],
    ['vars', { redis_password: { from_evn: 'A' } }],
    ['vars', { apps: [{ name: 'api' }] }],
    ['hosts', { all: { host: {} } }],
    ['hosts', { db: { hosts: { 'db-1': { prot: 22 } } } }],
    ['hosts', { db: { hosts: ['db-1'] } }],
    ['hosts', { all: { children: { db: { vars: { port: 'x' } } } } }],
  ]
  test.each(faulty)('%s %j', (kind, value) => {
    expect(checks[kind](value)).toBe(false)
  })

  test('and what it does not', () => {
    expect(checks.vars(null)).toBe(true)
    expect(checks.vars({ redis_password: { from_env: 'A' } })).toBe(true)
    expect(checks.hosts({ db: { hosts: { 'db[1:3]': null }, children: { a: null }, vars: null } })).toBe(true)
  })
})

test('an editor shows what a variable is for, and whose it is', () => {
  expect(varsJsonSchema(roles)).toMatchObject({
    properties: {
      redis_port: { description: 'on the private address of the host (role redis)', default: 6379 },
      redis_password: { allOf: [{ $ref: '#/definitions/secret' }] },
      port: { description: 'the connection' },
    },
  })
  for (const kind of sourceKinds) expect(sourceSchemas[kind]?.description, kind).toBeTypeOf('string')
})
