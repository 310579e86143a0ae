import { spawnSync } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { loadInventory } from '../../../lib/inventory/load.ts'
import type { PlayedRole } from '../../../lib/inventory/roles.ts'
import { secret } from '../../../lib/inventory/schema.ts'
import { newKey } from '../../../lib/secret/age/crypt.ts'
import { writeEncrypted } from '../../../lib/secret/age/write.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { app, type Files, fixture, roleOf } from './fixture.ts'

const made = fixture()
const key = await newKey()
const reveal = (value: unknown) => (value instanceof Secret ? value.reveal() : value)
const role = roleOf('one', 'all', { passcode: secret, token: secret, size: { type: 'integer' } })
const hosts = 'db: { hosts: { db-1:, db-2: } }'
const inventoryDir = () => join(made.root, 'inventory/lab')

beforeEach(() => {
  vi.stubEnv('QUAYSIDE_AGE_KEY', '')
  vi.stubEnv('QUAYSIDE_AGE_KEY_COMMAND', `echo asked >> ${made.root}/asked; echo ${key.identity}`)
})

async function encrypted(files: Files): Promise<void> {
  for (const [name, text] of Object.entries(files))
    await writeEncrypted(join(inventoryDir(), name), text, [key.recipient])
}
const asked = () => readFile(join(made.root, 'asked'), 'utf8').catch(() => '')
async function vars(files: Files, roles: PlayedRole[] = [role]) {
  const { hosts } = await made.load({ 'hosts.yaml': 'db: { hosts: { db-1:, db-2: } }', ...files }, roles)
  return Object.fromEntries(
    hosts.map(({ name, vars }) => [
      name,
      Object.fromEntries(Object.entries(vars).map(([each, value]) => [each, reveal(value)])),
    ]),
  )
}

describe('a value of an encrypted file', () => {
  test('is the variable of that name, in the precedence of its folder', async () => {
    await encrypted({
      'secrets.yaml.age': 'passcode: for-all\n',
      'group_vars/db.yaml.age': 'passcode: for-db\ntoken: db-token\n',
      'host_vars/db-2/vault.yml.age': 'passcode: for-db-2\n',
    })
    expect(await vars({ 'host_vars/db-1.yaml': 'size: 1' })).toEqual({
      'db-1': { passcode: 'for-db', token: 'db-token', size: 1 },
      'db-2': { passcode: 'for-db-2', token: 'db-token' },
    })
    expect(await asked()).toBe('asked\n')
    vi.stubEnv('OTHER', 'from-the-environment')
    const plain = { 'host_vars/db-1.yaml': 'passcode: { from_env: OTHER }' }
    expect((await vars(plain))['db-1']).toMatchObject({ passcode: 'from-the-environment' })
  })

  test('stands wherever a source can, by { from_age: name }, the nearest of that name', async () => {
    await encrypted({
      'secrets.yaml.age': 'api_token: for-all\npin: 0123\npem: |\n  first line\n  second line\n',
      'group_vars/app.yaml.age': 'api_token: for-app\n',
    })
    const files = {
      'hosts.yaml': 'app: { hosts: { app-1: } }',
      'group_vars/all.yaml': `apps:
  - { name: api, port: 1, secrets: { TOKEN: { from_age: api_token }, PIN: { from_age: pin }, PEM: { from_age: pem } } }`,
    }
    const [host] = (await made.load(files, [app])).hosts
    const [api] = (host?.vars.apps ?? []) as { secrets: Record<string, unknown> }[]
    expect(Object.entries(api?.secrets ?? {}).map(([name, value]) => [name, reveal(value)])).toEqual([
      ['TOKEN', 'for-app'],
      // As it is written: no octal, and a last newline belongs to the text.
      ['PIN', '0123'],
      ['PEM', 'first line\nsecond line\n'],
    ])
    expect(JSON.stringify(host)).not.toMatch(/for-app|0123|second line/)
  })
})

describe('the key is asked for only when a secret is used', () => {
  const count = async (files: Files, roles: PlayedRole[], options = {}) => {
    await encrypted({ 'secrets.yaml.age': 'passcode: hunter2-swordfish\n' })
    const dir = inventoryDir()
    await made.load({ 'hosts.yaml': hosts, ...files }, []).catch(() => undefined)
    await rm(join(made.root, 'asked'), { force: true })
    await loadInventory({ env: 'lab', dir, schemas: roles, ...options }).catch(() => undefined)
    return asked()
  }
  test('once', async () => expect(await count({}, [role])).toBe('asked\n'))
  test('not for a list of hosts', async () => expect(await count({}, [role], { secrets: false })).toBe(''))
  test('not while the plain files have faults', async () =>
    expect(await count({ 'group_vars/db.yaml': 'siez: 1' }, [role])).toBe(''))
})

test('nothing decrypted is written anywhere', async () => {
  await encrypted({ 'secrets.yaml.age': 'passcode: hunter2-swordfish\n' })
  await vars({})
  expect(spawnSync('grep', ['-r', 'hunter2', made.root]).stdout.toString()).toBe('')
  expect(spawnSync('grep', ['-r', 'BEGIN AGE', made.root]).stdout.toString()).not.toBe('')
})

describe('what is wrong is told with file and line, and no value', () => {
  const cases: readonly [string, Files, Files, string][] = [
    [
      'a mistake in YAML',
      { 'group_vars/db.yaml.age': 'token: a\npasscode: "hunter2\ntoken2: x\n' },
      {},
      'inventory/lab/group_vars/db.yaml.age:4:1: YAML: something is missing here: a closing quote, a bracket or a colon\n    see it with line numbers in your editor: npx zx playbooks/secrets.ts edit',
    ],
    [
      'a name twice',
      { 'secrets.yaml.age': 'passcode: hunter2\npasscode: hunter2\n' },
      {},
      'inventory/lab/secrets.yaml.age:2:1: YAML: a name is given twice\n    see it with line numbers in your editor: npx zx playbooks/secrets.ts edit',
    ],
    [
      'a bracket in a passcode',
      { 'secrets.yaml.age': 'passcode: }hunter2\n' },
      {},
      'inventory/lab/secrets.yaml.age:1:11: YAML: a character that has a meaning of its own: put the value in quotes\n    see it with line numbers in your editor: npx zx playbooks/secrets.ts edit',
    ],
    [
      'no mapping',
      { 'secrets.yaml.age': 'hunter2\n' },
      {},
      'inventory/lab/secrets.yaml.age:1:1: expected secrets, each as `name: value`\n    see it with line numbers in your editor: npx zx playbooks/secrets.ts edit',
    ],
    [
      'no text',
      { 'secrets.yaml.age': 'passcode: [hunter2]\ntoken:\n' },
      {},
      'inventory/lab/secrets.yaml.age:1:11: `passcode`: expected text\n    see it with line numbers in your editor: npx zx playbooks/secrets.ts edit\ninventory/lab/secrets.yaml.age:2:1: `token`: expected text\n    see it with line numbers in your editor: npx zx playbooks/secrets.ts edit',
    ],
    [
      'no secret variable',
      { 'secrets.yaml.age': 'passcode: hunter2\nsize: 5432\n' },
      {},
      'inventory/lab/secrets.yaml.age:2:1: `size` is no secret variable\n    give it in a plain .yaml file, or, where a part of it is secret, that part as { from_age: NAME }',
    ],
    [
      'in plain text as well',
      { 'group_vars/db.yaml.age': 'passcode: hunter2\n' },
      { 'group_vars/db.yaml': 'size: 1\npasscode: { from_env: HOME }\n' },
      'inventory/lab/group_vars/db.yaml.age:1:1: `passcode` stands in inventory/lab/group_vars/db.yaml:2 as well\n    keep one of the two',
    ],
    [
      'in two encrypted files of one group',
      { 'secrets.yaml.age': 'passcode: hunter2\n', 'group_vars/all.yaml.age': '\npasscode: hunter2\n' },
      {},
      'inventory/lab/group_vars/all.yaml.age:2:1: `passcode` stands in inventory/lab/secrets.yaml.age:1 as well\n    keep one of the two',
    ],
    [
      'a name that no file holds',
      { 'secrets.yaml.age': 'postgres_password: hunter2\n' },
      { 'group_vars/db.yaml': 'passcode: { from_age: postgres_pasword }' },
      'inventory/lab/group_vars/db.yaml:1:11: `passcode`: no encrypted file holds `postgres_pasword` for db-1\n    did you mean `postgres_password`?\ninventory/lab/group_vars/db.yaml:1:11: `passcode`: no encrypted file holds `postgres_pasword` for db-2\n    did you mean `postgres_password`?',
    ],
    [
      'a file that nobody would read',
      { 'group_vars/bd.yaml.age': 'passcode: hunter2\n' },
      {},
      'inventory/lab/group_vars/bd.yaml.age:1:1: no group is called `bd`\n    did you mean `db`?',
    ],
  ]
  test.each(cases)('%s', async (_title, age, plain, complaint) => {
    await encrypted(age)
    const told = await made.complaint({ 'hosts.yaml': hosts, ...plain }, [role])
    expect(told).toBe(complaint)
    expect(told).not.toContain('hunter2')
  })

  test('a secret that is missing after all is missed once the files were opened', async () => {
    await encrypted({ 'secrets.yaml.age': 'token: hunter2\n' })
    const required = roleOf('one', 'db', { passcode: secret, token: secret }, ['passcode', 'token'])
    expect(await made.complaint({ 'hosts.yaml': hosts }, [required])).toBe(
      'inventory/lab/hosts.yaml:1:1: `passcode` is missing on db-1, db-2: role one needs it\n    add to inventory/lab/group_vars/db.yaml: `passcode: …`, a secret source',
    )
  })

  test('no key: who could open it, and what to set', async () => {
    await encrypted({ 'secrets.yaml.age': 'token: hunter2\n' })
    vi.stubEnv('QUAYSIDE_AGE_KEY_COMMAND', '')
    vi.stubEnv('XDG_CONFIG_HOME', join(made.root, 'config'))
    const files = { 'hosts.yaml': hosts, 'recipients.txt': `${key.recipient} # alice` }
    expect(await made.complaint(files, [role])).toMatch(
      /^inventory\/lab\/secrets.yaml.age is encrypted, and you have no key; those who can open it: age1\S+ \(alice\)$/,
    )
  })
})
