import { describe, expect, test } from 'vitest'
import { InventoryError } from '../../../lib/inventory/fault.ts'
import { app, fixture, oneApp, oneDb, redis, roleOf } from './fixture.ts'

const made = fixture()
const db = (vars: string) => made.complaint({ 'hosts.yaml': oneDb, 'group_vars/db.yaml': vars })
const apps = (vars: string) => made.complaint({ 'hosts.yaml': oneApp, 'group_vars/app.yaml': vars }, [app])

describe('one variable', () => {
  test.each([
    [
      '# a comment\nredis_maxmemroy: 1gb',
      '2:1: unknown variable `redis_maxmemroy`\n    did you mean `redis_maxmemory`?',
    ],
    ['zzz: 1', '1:1: unknown variable `zzz`'],
    ['ansible_host: db', '1:1: unknown variable `ansible_host`\n    did you mean `host`?'],
    [
      'ansible_ssh_private_key_file: x',
      '1:1: unknown variable `ansible_ssh_private_key_file`\n    did you mean `identity_file`?',
    ],
    [
      'ansible_python_interpreter: x',
      "1:1: unknown variable `ansible_python_interpreter`\n    Ansible's own variables have no meaning here",
    ],
    ['redis_port: many', '1:13: `redis_port`: expected an integer from 1 to 65535, got "many"'],
    ['redis_port: 70000', '1:13: `redis_port`: expected an integer from 1 to 65535, got 70000'],
    [
      'redis_port: "6379"',
      '1:13: `redis_port`: expected an integer from 1 to 65535, got "6379"\n    write it without quotes',
    ],
    ['redis_port:', '1:1: `redis_port`: expected an integer from 1 to 65535, got nothing'],
    [
      'redis_maxmemory: 1.10',
      '1:18: `redis_maxmemory`: expected text, got 1.1\n    put it in quotes: "1.10"',
    ],
    [
      'redis_appendonly: yes',
      '1:19: `redis_appendonly`: expected true or false, got "yes"\n    YAML 1.2 has only true and false',
    ],
    ['redis_policy: lru', '1:15: `redis_policy`: expected one of `noeviction`, `allkeys-lru`, got "lru"'],
    ['connection: telnet', '1:13: `connection`: expected one of `ssh`, `local`, `docker`, got "telnet"'],
    ['port: 0', '1:7: `port`: expected an integer from 1 to 65535, got 0'],
    [
      'redis_port: 1\nredis_port: 2',
      '2:1: `redis_port` is given twice\n    keep one of the two: YAML would silently drop the other',
    ],
    [
      'redis_port: !vault |\n  $ANSIBLE_VAULT',
      '1:13: the tag !vault has no meaning here\n    a secret is a source: from_age, from_env, from_file, from_command, generate, local_ca or private_ca',
    ],
    ['- redis_port', '1:1: expected variables, each as `name: value`'],
  ])('%j', async (vars, complaint) => {
    expect(await db(vars)).toBe(`inventory/lab/group_vars/db.yaml:${complaint}`)
  })
})

describe('within a value', () => {
  test.each([
    [
      'apps:\n  - name: api\n    port: eighty',
      '3:11: `apps[0].port`: expected an integer from 1 to 65535, got "eighty"',
    ],
    [
      'apps:\n  - name: api\n    port: 80\n    replica: 2',
      '4:5: unknown key `apps[0].replica`\n    did you mean `replicas`?',
    ],
    [
      'apps:\n  - name: api\n    port: 80\n  - port: 81',
      '4:5: `apps[1].name` is missing\n    add `name`: text that matches /^[a-z]+$/',
    ],
    [
      'apps:\n  - { name: API, port: 80 }',
      '2:13: `apps[0].name`: expected text that matches /^[a-z]+$/, got "API"',
    ],
    ['apps: []', '1:7: `apps`: must not have fewer than 1 items'],
    ['apps: api', '1:7: `apps`: expected a list of which each is a mapping, got text'],
    [
      'apps:\n  - &one { name: api, port: x }\n  - *one',
      '2:29: `apps[0].port`: expected an integer from 1 to 65535, got "x"\ninventory/lab/group_vars/app.yaml:2:29: `apps[1].port`: expected an integer from 1 to 65535, got "x"',
    ],
  ])('%j', async (vars, complaint) => {
    expect(await apps(vars)).toBe(`inventory/lab/group_vars/app.yaml:${complaint}`)
  })

  test('of several allowed kinds, all are named once', async () => {
    const role = roleOf('x', 'db', { size: { anyOf: [{ type: 'string' }, { type: 'integer' }] } })
    const files = { 'hosts.yaml': oneDb, 'group_vars/db.yaml': 'size: true' }
    expect(await made.complaint(files, [role])).toBe(
      'inventory/lab/group_vars/db.yaml:1:7: `size`: expected text or an integer, got true',
    )
  })
})

test('of several allowed kinds, the one that was meant says what is wrong in it', async () => {
  const mapping = {
    type: 'object',
    properties: { from: { type: 'integer' } },
    required: ['from'],
    additionalProperties: false,
  }
  const role = roleOf('x', 'db', { size: { anyOf: [{ type: 'string' }, mapping] } })
  const files = { 'hosts.yaml': oneDb, 'group_vars/db.yaml': 'size: { from: all }' }
  expect(await made.complaint(files, [role])).toBe(
    'inventory/lab/group_vars/db.yaml:1:15: `size.from`: expected an integer, got "all"',
  )
})

describe('a secret', () => {
  const secretHint = 'for example { from_env: NAME }, { from_file: path } or { generate: name }'
  test.each([
    [
      'TOKEN: hunter2',
      '5:14: `apps[0].secrets.TOKEN`: a secret is given by its source, never by its value',
      secretHint,
    ],
    [
      'TOKEN: { from_evn: A }',
      '5:16: `apps[0].secrets.TOKEN.from_evn`: unknown secret source',
      'did you mean `from_env`?',
    ],
    [
      'TOKEN: { from_env: hunter 2 }',
      '5:16: `apps[0].secrets.TOKEN.from_env`: expected the name of an environment variable',
      secretHint,
    ],
    [
      'TOKEN: { from_command: pass show x }',
      '5:16: `apps[0].secrets.TOKEN.from_command`: expected a list: the program and its arguments',
      secretHint,
    ],
    [
      'TOKEN: { generate: ../x }',
      '5:16: `apps[0].secrets.TOKEN.generate`: expected a name of letters, digits, `-`, `_` and `.`',
      secretHint,
    ],
    [
      'TOKEN: { local_ca: cert }',
      '5:16: `apps[0].secrets.TOKEN.local_ca`: expected `certificate` or `key`',
      secretHint,
    ],
    [
      'TOKEN: { local_ca: key, names: ["a b"] }',
      '5:31: `apps[0].secrets.TOKEN.names`: expected a list of host names and IP addresses',
      secretHint,
    ],
    [
      'TOKEN: { from_env: A, generate: b }',
      '5:14: `apps[0].secrets.TOKEN`: expected one secret source, got from_env and generate',
      secretHint,
    ],
    [
      'TOKEN: {}',
      '5:14: `apps[0].secrets.TOKEN`: expected a secret source: from_age, from_env, from_file, from_command, generate, local_ca or private_ca',
      secretHint,
    ],
  ])('%s', async (line, complaint, hint) => {
    const told = await apps(`apps:\n  - name: api\n    port: 80\n    secrets:\n      ${line}`)
    expect(told).toBe(`inventory/lab/group_vars/app.yaml:${complaint}\n    ${hint}`)
    expect(told).not.toContain('hunter')
  })
})

test('what is missing is said once for all hosts, with the file that it belongs in', async () => {
  const hosts = 'all:\n  children:\n    app:\n      hosts: { a-1:, a-2:, a-3:, a-4:, a-5: }\n'
  expect(
    await made.complaint({ 'hosts.yaml': hosts }, [app]),
  ).toBe(`inventory/lab/hosts.yaml:3:5: \`apps\` is missing on a-1, a-2, a-3 and 2 more: role app needs it
    add to inventory/lab/group_vars/app.yaml: \`apps: …\`, a list of which each is a mapping (what a release consists of)`)
})

test('a role played on one host asks for its variables in that host’s file', async () => {
  expect(await made.complaint({ 'hosts.yaml': oneApp }, [{ ...app, hosts: 'app-1' }])).toContain(
    'add to inventory/lab/host_vars/app-1.yaml',
  )
})

test('all faults come together, each once, by file and line; no matter how many hosts inherit them', async () => {
  const hosts = 'db:\n  hosts: { db-1:, db-2:, db-3: { redis_port: x } }\n'
  const files = {
    'hosts.yaml': hosts,
    'group_vars/all.yaml': 'redis_policy: lru\nredis_maxmemroy: 1gb',
    'host_vars/db-2.yaml': 'redis_appendonly: 1\nuser: 7',
  }
  const error: unknown = await made.load(files).catch((thrown: unknown) => thrown)
  if (!(error instanceof InventoryError)) throw new Error('expected an InventoryError')
  const at = error.faults.map(({ file, line, column }) => [file.split('/lab/')[1], line, column])
  expect(at).toEqual([
    ['group_vars/all.yaml', 1, 15],
    ['group_vars/all.yaml', 2, 1],
    ['host_vars/db-2.yaml', 1, 19],
    ['host_vars/db-2.yaml', 2, 7],
    ['hosts.yaml', 2, 46],
  ])
  expect(error.exitCode).toBe(2)
  expect(error.faults[1]).toMatchObject({
    message: 'unknown variable `redis_maxmemroy`',
    hint: 'did you mean `redis_maxmemory`?',
  })
})

test('a variable for a role that is not played on the host is fine, and not among its variables', async () => {
  const files = {
    'hosts.yaml': oneApp,
    'group_vars/all.yaml': 'redis_port: 7000\napps: [{ name: api, port: 1 }]',
  }
  const [host] = (await made.load(files, [app, redis])).hosts
  expect(host?.vars).toEqual({ apps: [{ name: 'api', port: 1, replicas: 1, secrets: {} }] })
})

describe('mistakes in roles are told to their author', () => {
  test.each([
    [
      'a connection variable',
      [roleOf('x', 'db', { port: {} })],
      'role x calls a variable `port`, which is a connection variable',
    ],
    [
      'two defaults',
      [roleOf('x', 'db', { a: { default: 1 } }), roleOf('y', 'db', { a: { default: 2 } })],
      'roles x and y give `a` different defaults',
    ],
    [
      'a wrong default',
      [roleOf('x', 'db', { a: { type: 'integer', minimum: 1, default: 0 } })],
      'role x: the default at /a must be >= 1',
    ],
    [
      'a wrong schema',
      [roleOf('x', 'db', { a: { typ: 'string' } })],
      'the schema of role x is wrong: strict mode: unknown keyword: "typ"',
    ],
  ])('%s', async (_, roles, message) => {
    await expect(made.load({ 'hosts.yaml': oneDb }, roles)).rejects.toThrow(new TypeError(message))
  })
})

test('variables of roles that other playbooks play are no strangers, and not looked at', async () => {
  const files = { 'hosts.yaml': oneDb, 'group_vars/all.yaml': 'apps: not a list\nredis_prot: 1\n' }
  expect(await made.complaint(files, [redis], { besides: [app] })).toBe(
    'inventory/lab/group_vars/all.yaml:2:1: unknown variable `redis_prot`\n    did you mean `redis_port`?',
  )
  expect(await made.complaint(files, [redis])).toContain('unknown variable `apps`')
})
