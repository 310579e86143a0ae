import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { wordsOf } from '../../../lib/inventory/key-values.ts'
import { secret } from '../../../lib/inventory/schema.ts'
import { typed } from '../../../lib/inventory/typed.ts'
import { isSecret } from '../../../lib/secret/index.ts'
import { app, fixture, oneApp, oneDb, redis, roleOf } from './fixture.ts'

const made = fixture()
const db = { 'hosts.yaml': oneDb }

test.each([
  ['a=1', [['a', '1']]],
  [
    '  a=1\tb=two  ',
    [
      ['a', '1'],
      ['b', 'two'],
    ],
  ],
  [
    "a='x y' b=\"it's\"",
    [
      ['a', 'x y'],
      ['b', "it's"],
    ],
  ],
  [
    "a=O'Neil b=1",
    [
      ['a', "O'Neil"],
      ['b', '1'],
    ],
  ],
  [
    'a=[1, "x ]y"] b={c: [d, e]}',
    [
      ['a', '[1, "x ]y"]'],
      ['b', '{c: [d, e]}'],
    ],
  ],
  ['a=b=c', [['a', 'b=c']]],
  ['a=', [['a', '']]],
  ['a', [['a', undefined]]],
])('the words of %j', (text, words) => {
  expect(wordsOf(text).map(({ key, value }) => [key, value])).toEqual(words)
})

const port = { type: 'integer', minimum: 1 }
test.each([
  ['8080', port, 8080],
  ['eighty', port, 'eighty'],
  ['1.10', { type: 'string' }, '1.10'],
  ['007', { type: 'string' }, '007'],
  ['true', { type: 'string' }, 'true'],
  ['', { type: 'string' }, ''],
  ['a # b', { type: 'string' }, 'a # b'],
  ['a # b', { anyOf: [{ type: 'string' }, { type: 'integer' }] }, 'a # b'],
  ['true', { type: 'boolean' }, true],
  ['yes', { type: 'boolean' }, 'yes'],
  ['1', { enum: ['1', '2'] }, '1'],
  ['2', { enum: [1, 2] }, 2],
  ['30%', { anyOf: [{ type: 'string' }, { type: 'integer' }] }, '30%'],
  ['30', { anyOf: [{ type: 'string' }, { type: 'integer' }] }, 30],
  ['1.5', { type: ['string', 'number'] }, 1.5],
  ['[80, 443]', { type: 'array', items: { type: 'integer' } }, [80, 443]],
  ['{ a: { b: 1 } }', { type: 'object' }, { a: { b: 1 } }],
  ['[80, ', { type: 'array' }, '[80, '],
  ['1.5', {}, 1.5],
  ['text', undefined, 'text'],
])('%j where the schema says %j', (text, schema, value) => {
  expect(typed(text, schema)).toEqual(value)
})

test('words, a file and a mapping win over all of the inventory, on every host, the later over the earlier', async () => {
  const file = join(made.root, 'more.json')
  await writeFile(file, '{ "redis_port": 2, "redis_policy": "allkeys-lru" }')
  const files = {
    'hosts.yaml': 'db: { hosts: { db-1: { redis_port: 9 }, db-2: } }',
    'host_vars/db-2.yaml': 'redis_port: 8\nredis_maxmemory: 1gb',
  }
  const extraVars = [
    'redis_port=1 redis_maxmemory=007',
    `@${file}`,
    '{"redis_port": 3}',
    'port=2222 user=root',
  ]
  const { hosts } = await made.load(files, [redis], { extraVars })
  for (const { vars, target } of hosts) {
    expect(vars).toEqual({
      redis_port: 3,
      redis_maxmemory: '007',
      redis_policy: 'allkeys-lru',
      redis_appendonly: true,
    })
    expect([target.port, target.user]).toEqual([2222, 'root'])
  }
})

describe('faults', () => {
  test.each([
    [
      'a misspelt name',
      'redis_prot=1',
      '--extra-vars: unknown variable `redis_prot`\n    did you mean `redis_port`?',
    ],
    [
      'a wrong type',
      'redis_port=many',
      '--extra-vars: `redis_port`: expected an integer from 1 to 65535, got "many"',
    ],
    [
      'a wrong type in a mapping',
      '{"redis_maxmemory": 1}',
      '--extra-vars: `redis_maxmemory`: expected text, got 1\n    put it in quotes: "1"',
    ],
    [
      'no key=value',
      'redis_maxmemory=1 gb',
      "--extra-vars: `gb` is no key=value\n    one of: key=value (quote a value with spaces: key='a b'), @file.yaml, '{\"key\": value}'",
    ],
    ['a mapping that is not closed', '{"redis_port": 1', '--extra-vars: YAML: flow map must end with a }'],
    [
      'a key twice',
      '{"redis_port": 1, "redis_port": 2}',
      '--extra-vars: `"redis_port"` is given twice\n    keep one of the two: YAML would silently drop the other',
    ],
  ])('%s', async (_, given, complaint) => {
    expect(await made.complaint(db, [redis], { extraVars: [given] })).toBe(complaint)
  })

  test('those of a file have its lines; a file that is not there is wrong usage', async () => {
    const file = join(made.root, 'more.yaml')
    await writeFile(file, '# first\nredis_port: x\n')
    expect(await made.complaint(db, [redis], { extraVars: [`@${file}`] })).toBe(
      'more.yaml:2:13: `redis_port`: expected an integer from 1 to 65535, got "x"',
    )
    await writeFile(file, '- redis_port\n')
    expect(await made.complaint(db, [redis], { extraVars: [`@${file}`] })).toBe(
      'more.yaml:1:1: expected variables, each as `name: value`',
    )
    await expect(made.load(db, [redis], { extraVars: ['@none.yaml'] })).rejects.toMatchObject({
      message: expect.stringMatching(/^--extra-vars @none.yaml: it cannot be read: ENOENT/),
      exitCode: 2,
    })
  })
})

describe('a secret', () => {
  const role = roleOf('one', 'all', { token: secret })

  test.each(['token=hunter2', '{"token": "hunter2"}', '{ token: 12345 }'])('%s is refused', async (given) => {
    const complaint = await made.complaint(db, [role], { extraVars: [given] })
    expect(
      complaint,
    ).toBe(`--extra-vars: \`token\` is a secret: on a command line every user of this machine could read it
    give its source: --extra-vars '{"token": {"from_env": "NAME"}}'`)
  })

  test.each(['token={from_env: PW}', '{"token": {"from_env": "PW"}}'])('%s is its source', async (given) => {
    vi.stubEnv('PW', 'hunter2')
    const [host] = (await made.load(db, [role], { extraVars: [given] })).hosts
    const token = host?.vars.token
    expect(isSecret(token) && token.reveal()).toBe('hunter2')
  })

  test('deep in a value it is refused as in a file, and not repeated', async () => {
    const given = 'apps=[{name: api, port: 1, secrets: {TOKEN: hunter2}}]'
    const complaint = await made.complaint({ 'hosts.yaml': oneApp }, [app], { extraVars: [given] })
    expect(complaint).toContain(
      '--extra-vars: `apps[0].secrets.TOKEN`: a secret is given by its source, never by its value',
    )
    expect(complaint).not.toContain('hunter2')
  })
})

describe('with --limit', () => {
  const role = roleOf('one', 'all', { token: secret })
  const files = {
    'hosts.yaml': 'db: { hosts: { db-1:, db-2:, db-3: } }',
    'group_vars/db.yaml': 'token: { from_env: PW }',
    'host_vars/db-2.yaml': 'token: { from_env: QUAYSIDE_UNSET }',
  }

  test('only secrets of its hosts are fetched; to use another’s says so', async () => {
    vi.stubEnv('PW', 'hunter2')
    expect(await made.complaint(files, [role])).toContain(
      'the environment variable QUAYSIDE_UNSET is not set',
    )
    const inventory = await made.load(files, [role], { limit: 'db-1' })
    const reveal = (host: string) => {
      const { token } = inventory.select(host)[0]?.vars ?? {}
      return isSecret(token) ? token.reveal() : token
    }
    expect(reveal('db-1')).toBe('hunter2')
    // The same source costs nothing more.
    expect(reveal('db-3')).toBe('hunter2')
    expect(() => reveal('db-2')).toThrow(
      expect.objectContaining({
        message: '`token` of db-2 was not fetched: the host is outside --limit',
        hint: "add it to the limit: --limit '…,db-2'",
      }),
    )
    expect(JSON.stringify(inventory.hosts[1]?.vars)).toBe('{"token":"[secret]"}')
  })

  test('a wrong limit is told before any secret is fetched', async () => {
    expect(await made.complaint(files, [role], { limit: 'bd' })).toBe(
      '--limit: no group or host is called `bd`',
    )
  })
})
