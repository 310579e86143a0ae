import { X509Certificate } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { secret } from '../../../lib/inventory/schema.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { app, fixture, oneApp, oneDb, roleOf } from './fixture.ts'

const made = fixture()
const reveal = (value: unknown) => (value instanceof Secret ? value.reveal() : 'no secret')
const one = (name: string) => roleOf('one', 'all', { [name]: secret })

test('secrets nested in lists and mappings are found and put in their places', async () => {
  vi.stubEnv('TOKEN', 'hunter2')
  const files = {
    'hosts.yaml': oneApp,
    'keys/session': 'from a file\n',
    'group_vars/app.yaml': `
apps:
  - name: api
    port: 1
    secrets:
      TOKEN: { from_env: TOKEN }
      a/b~c: { from_file: keys/session }
  - name: web
    port: 2
    secrets:
      MADE: { generate: web }
      SAID: { from_command: [echo, said] }
`,
  }
  const [host] = (await made.load(files, [app])).hosts
  const apps = host?.vars.apps as { secrets: Record<string, unknown> }[]
  expect(
    apps.map(({ secrets }) => Object.entries(secrets).map(([name, value]) => [name, reveal(value)])),
  ).toEqual([
    [
      ['TOKEN', 'hunter2'],
      ['a/b~c', 'from a file'],
    ],
    [
      ['MADE', expect.stringMatching(/^[\w-]{32}$/)],
      ['SAID', 'said'],
    ],
  ])
  expect(JSON.stringify(host)).not.toContain('hunter2')
})

test('one source is read once for all hosts, roles and variables', async () => {
  const files = {
    'hosts.yaml': 'db: { hosts: { db-1:, db-2: } }',
    'group_vars/db.yaml': 'a: &once { from_command: [sh, -c, echo x >> count; echo value] }\nb: *once',
  }
  const inventory = await made.load(files, [
    roleOf('one', 'db', { a: secret, b: secret }),
    roleOf('two', 'db', { a: secret }),
  ])
  expect(inventory.hosts.flatMap(({ vars }) => [reveal(vars.a), reveal(vars.b)])).toEqual(
    Array(4).fill('value'),
  )
  expect(await readFile(join(inventory.dir, 'count'), 'utf8')).toBe('x\n')
})

test('secrets of roles that no host is played are left alone', async () => {
  const files = { 'hosts.yaml': oneDb, 'group_vars/all.yaml': 'a: { from_env: QUAYSIDE_UNSET }' }
  expect((await made.load(files, [roleOf('other', 'app', { a: secret })])).hosts[0]?.vars).toEqual({})
})

test('a default may be a source', async () => {
  const role = roleOf('one', 'all', { token: { ...secret, default: { generate: 'token' } } })
  const [host] = (await made.load({ 'hosts.yaml': oneDb }, [role])).hosts
  expect(reveal(host?.vars.token)).toMatch(/^[\w-]{32}$/)
  expect(await readdir(join(made.root, 'state/quayside/lab/secrets'))).toEqual(['token'])
})

test('{state} in from_file is the state directory of the environment', async () => {
  const files = {
    'hosts.yaml': oneDb,
    'group_vars/db.yaml': "a: { from_file: '{state}/key' }",
    '../../state/quayside/lab/key': 'kept\n',
  }
  expect(reveal((await made.load(files, [one('a')])).hosts[0]?.vars.a)).toBe('kept')
})

test('each failure names variable, place and cure, all together, and no value', async () => {
  const files = {
    'hosts.yaml': 'app: { hosts: { a-1:, a-2: } }',
    'group_vars/app.yaml': `apps:
  - name: api
    port: 1
    secrets:
      A: { from_env: QUAYSIDE_UNSET }
      B: { from_file: none }
      C: { from_command: [sh, -c, 'echo hunter2; echo locked >&2; exit 9'] }
`,
  }
  expect(
    await made.complaint(files, [app]),
  ).toBe(`inventory/lab/group_vars/app.yaml:5:10: \`apps[0].secrets.A\`: the environment variable QUAYSIDE_UNSET is not set
    export QUAYSIDE_UNSET=…
inventory/lab/group_vars/app.yaml:6:10: \`apps[0].secrets.B\`: inventory/lab/none does not exist
    write the secret into it, mode 600
inventory/lab/group_vars/app.yaml:7:10: \`apps[0].secrets.C\`: sh failed with exit code 9: locked
    run it by hand to see why`)
})

test('no secret is fetched while the inventory has faults', async () => {
  const files = {
    'hosts.yaml': oneDb,
    'group_vars/db.yaml': 'a: { from_command: [touch, ran] }\nb: 1',
  }
  expect(await made.complaint(files, [one('a')])).toContain('unknown variable `b`')
  expect(await readdir(join(made.root, 'inventory/lab'))).not.toContain('ran')
})

const tls = roleOf('tls', 'all', { certificate: secret, key: secret })

test('the local CA certifies the names that one of the pair gives', async () => {
  const vars = 'certificate: { local_ca: certificate, names: [lab.test] }\nkey: { local_ca: key }'
  const [host] = (await made.load({ 'hosts.yaml': oneDb, 'group_vars/db.yaml': vars }, [tls])).hosts
  expect(new X509Certificate(reveal(host?.vars.certificate)).subjectAltName).toBe('DNS:lab.test')
  expect(reveal(host?.vars.key)).toMatch(/^-----BEGIN PRIVATE KEY-----/)
})

test('without names, it certifies every host', async () => {
  const vars = 'certificate: { local_ca: certificate }\nkey: { local_ca: key }\nhost: 10.0.0.1'
  const [host] = (await made.load({ 'hosts.yaml': oneDb, 'group_vars/db.yaml': vars }, [tls])).hosts
  expect(new X509Certificate(reveal(host?.vars.certificate)).subjectAltName).toBe(
    'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:db-1, IP Address:10.0.0.1',
  )
})

test('two sets of names for the one certificate are refused', async () => {
  const vars =
    'certificate: { local_ca: certificate, names: [a.test] }\nkey: { local_ca: key, names: [b.test] }'
  expect(await made.complaint({ 'hosts.yaml': oneDb, 'group_vars/db.yaml': vars }, [tls])).toBe(
    `inventory/lab/group_vars/db.yaml:2:6: \`key\`: these names differ from those of \`certificate\` at inventory/lab/group_vars/db.yaml:1
    an environment has one local server certificate: give both the same names, or only one of them names`,
  )
})
