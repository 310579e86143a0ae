import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { graph } from '../../../lib/inventory/graph.ts'
import { explainAll, explainOrigins, originsOf } from '../../../lib/inventory/origin.ts'
import { ansibleList, overview } from '../../../lib/inventory/overview.ts'
import { secret } from '../../../lib/inventory/schema.ts'
import { type Survey, survey } from '../../../lib/inventory/survey.ts'
import { type Files, fixture, redis, roleOf } from './fixture.ts'

const made = fixture()
const login = roleOf('login', 'all', {
  token: secret,
  logins: {
    type: 'array',
    items: { type: 'object', properties: { name: { type: 'string' }, password: secret } },
  },
})
const schemas = [redis, login]

async function surveyed(files: Files, extraVars: readonly string[] = []): Promise<Survey> {
  const dir = join(made.root, 'inventory', 'lab')
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true })
    await writeFile(join(dir, path), content)
  }
  return survey({ env: 'lab', dir, schemas, extraVars })
}

const files = {
  'hosts.yaml': `all:
  children:
    site:
      vars: { user: ops }
      children:
        db: { hosts: { db-1: { port: 7 }, db-2: } }
    app: { hosts: { app-1: { connection: local } } }
    spare:
`,
  'group_vars/all.yaml': 'token: { from_env: QUAYSIDE_UNSET }\nredis_port: 6400\n',
  'group_vars/db.yaml': '# first\nredis_port: 6500\nlogins: [{ name: ann, password: { from_file: ann } }]\n',
  'host_vars/db-1.yaml': 'redis_port: 6600\n',
}

test('the table of hosts', async () => {
  expect(overview(await surveyed(files), ['db-1', 'app-1'])).toEqual([
    'host   reached at  groups    roles',
    'db-1   ops@db-1:7  site, db  redis, login',
    'app-1  local       app       login',
  ])
})

test('as ansible-inventory lists it', async () => {
  const found = await surveyed(files)
  const token = { from_env: 'QUAYSIDE_UNSET' }
  const logins = [{ name: 'ann', password: { from_file: 'ann' } }]
  expect(ansibleList(found, ['db-1', 'app-1'], schemas)).toEqual({
    _meta: {
      hostvars: {
        'db-1': { user: 'ops', token, redis_port: 6600, logins, port: 7 },
        'app-1': { token, redis_port: 6400, connection: 'local' },
      },
    },
    all: { children: ['site', 'app', 'spare'] },
    site: { children: ['db'] },
    db: { hosts: ['db-1'] },
    app: { hosts: ['app-1'] },
  })
})

test('as ansible-inventory draws it', async () => {
  const found = await surveyed(files)
  expect(graph(found, 'all')).toEqual([
    '@all:',
    '  |--@site:',
    '  |  |--@db:',
    '  |  |  |--db-1',
    '  |  |  |--db-2',
    '  |--@app:',
    '  |  |--app-1',
    '  |--@spare:',
  ])
  const vars = graph(found, 'site', schemas)
  expect(vars.slice(0, 4)).toEqual(['@site:', '  |--@db:', '  |  |--db-1', '  |  |  |--{user = ops}'])
  expect(vars).toContain('  |  |  |--{redis_port = 6600}')
  expect(vars).toContain('  |  |--{redis_port = 6500}')
  expect(vars.at(-1)).toBe('  |--{user = ops}')
  expect(() => graph(found, 'bd')).toThrow(
    expect.objectContaining({ message: 'no group is called `bd`', hint: 'did you mean `db`?', exitCode: 2 }),
  )
})

test('each layer of a variable, with its place, the winner marked', async () => {
  const found = await surveyed(files, ['redis_port=6700'])
  const shown = explainOrigins(found, 'db-1', 'redis_port', schemas).map((line) =>
    line.replaceAll(`${made.root}/`, ''),
  )
  expect(shown).toEqual([
    'redis_port of db-1 is 6700, from --extra-vars',
    '  an integer from 1 to 65535',
    '  read by role redis',
    '',
    '     default of role redis  6379',
    '     group_vars of all      6400  inventory/lab/group_vars/all.yaml:2',
    '     group_vars of db       6500  inventory/lab/group_vars/db.yaml:2',
    '     host_vars of db-1      6600  inventory/lab/host_vars/db-1.yaml:1',
    '  *  --extra-vars           6700',
  ])
  expect(explainOrigins(found, 'app-1', 'redis_policy', schemas)).toEqual([
    'nothing gives app-1 the variable redis_policy',
    '  one of `noeviction`, `allkeys-lru`',
    '  no role that app-1 is played reads it',
  ])
  expect(explainOrigins(found, 'db-2', 'become', schemas)[0]).toBe(
    'become of db-2 is true, from default of the connection',
  )
  expect(() => originsOf(found, 'db-1', 'redis_prot', schemas)).toThrow(
    expect.objectContaining({
      message: 'no variable is called `redis_prot`',
      hint: 'did you mean `redis_port`?',
    }),
  )
  const all = explainAll(found, 'db-1', schemas).map((line) => line.split(/ {2,}/))
  expect(all[0]).toEqual(['variable', 'value', 'from'])
  expect(all).toContainEqual(['redis_port', '6700', '--extra-vars'])
  expect(all).toContainEqual(['redis_maxmemory', '256mb', 'default of role redis'])
})

test('a long value is shown whole below its layers', async () => {
  const long = { ...files, 'host_vars/db-1.yaml': `redis_maxmemory: ${'9'.repeat(70)}kb` }
  const lines = explainOrigins(await surveyed(long), 'db-1', 'redis_maxmemory', schemas)
  expect(lines[0]).toContain(`${'9'.repeat(59)}…, from host_vars of db-1`)
  expect(lines.join('\n')).toContain(`    ${'9'.repeat(70)}kb`)
})

test('no secret is fetched, and one that was given by its value is shown nowhere; neither is a misspelt one', async () => {
  const plain = {
    ...files,
    'group_vars/all.yaml':
      'token: hunter2\ntokne: hunter3\nlogins: [{ name: ann, password: hunter4, pasword: hunter5 }]',
  }
  const found = await surveyed(plain)
  expect(found.faults.all.length).toBeGreaterThan(0)
  const everything = [
    JSON.stringify(ansibleList(found, found.members.hosts, schemas)),
    ...graph(found, 'all', schemas),
    ...['token', 'tokne', 'logins'].flatMap((name) => explainOrigins(found, 'app-1', name, schemas)),
    ...explainAll(found, 'app-1', schemas),
  ].join('\n')
  expect(everything).toContain('[secret]')
  expect(everything).toContain('ann')
  for (const value of ['hunter2', 'hunter3', 'hunter4']) expect(everything).not.toContain(value)
})
