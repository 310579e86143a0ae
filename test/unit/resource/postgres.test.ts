import { describe, expect, test } from 'vitest'
import { postgresDatabase, postgresExtension, postgresUser } from '../../../lib/resource/index.ts'
import { identifier, literal } from '../../../lib/resource/postgres.ts'
import { saltOf, scramVerifier, verifies } from '../../../lib/resource/scram.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { applied, table } from './observe.ts'

const server = { container: 'postgres' }
const password = new Secret('pencil')
// RFC 7677's example: user "user", password "pencil", 4096 rounds.
const rfc =
  'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU='
const app = (more: object = {}) =>
  `${JSON.stringify({ login: true, superuser: false, createdb: false, createrole: false, replication: false, bypassrls: false, 'connection limit': -1, 'valid until': 'infinity', password: rfc, memberOf: ['pg_monitor'], ...more })}\n`

describe('what PostgreSQL shows becomes a plan', () => {
  const database = postgresDatabase({ ...server, name: 'app', owner: 'app' })
  const user = postgresUser({ ...server, name: 'app', password, memberOf: ['pg_monitor'] })
  const vector = { ...server, database: 'app', name: 'vector' }
  table([
    { when: 'no database', resource: database, plan: 'change: create (owner app)' },
    { when: 'the database', resource: database, stdout: '{"owner" : "app"}\n', plan: 'unchanged' },
    { when: 'of another', resource: database, stdout: '{"owner" : "x"}\n', plan: 'change: owner x → app' },
    {
      when: 'no container',
      resource: database,
      stderr: 'Error response from daemon: No such container: postgres\n',
      code: 1,
      plan: 'unknown: Error response from daemon: No such container: postgres',
    },
    { when: 'no user', resource: user, plan: 'change: create, with a password, member of pg_monitor' },
    { when: 'the user', resource: user, stdout: app(), plan: 'unchanged' },
    {
      when: 'the user with another password',
      resource: user,
      stdout: app({ password: scramVerifier(new Secret('pen'), Buffer.alloc(16, 1)).reveal() }),
      plan: 'change: password changed',
    },
    {
      when: 'without one',
      resource: user,
      stdout: app({ password: null }),
      plan: 'change: password changed',
    },
    {
      when: 'an MD5 one',
      resource: user,
      stdout: app({ password: `md5${'0'.repeat(32)}` }),
      plan: 'change: password changed',
    },
    {
      when: 'the user with other attributes',
      resource: user,
      stdout: app({ superuser: true, 'connection limit': 5, memberOf: [] }),
      plan: 'change: superuser true → false, connection limit 5 → -1, member of pg_monitor',
    },
    {
      when: 'a user whose password has run out',
      resource: user,
      stdout: app({ 'valid until': '2020-01-01T00:00:00Z' }),
      plan: 'change: valid until 2020-01-01T00:00:00Z → infinity',
    },
    {
      when: 'a user whose password shall run out',
      resource: postgresUser({ ...server, name: 'app', validUntil: '2030-01-31T00:00:00Z' }),
      stdout: app(),
      plan: 'change: valid until infinity → 2030-01-31T00:00:00Z',
    },
    {
      when: 'a user who sees past row security',
      resource: user,
      stdout: app({ bypassrls: true }),
      plan: 'change: bypassrls true → false',
    },
    {
      when: 'a superuser, who does anyway',
      resource: postgresUser({ ...server, name: 'postgres', superuser: true }),
      stdout: app({ superuser: true, bypassrls: true }),
      plan: 'unchanged',
    },
    {
      when: 'a user whose password is not ours',
      resource: postgresUser({ ...server, name: 'app' }),
      stdout: app({ password: null }),
      plan: 'unchanged',
    },
    {
      when: 'an extension that the server does not offer',
      resource: postgresExtension(vector),
      plan: 'unknown: the server in postgres does not offer the extension vector',
    },
    {
      when: 'an extension that it offers',
      resource: postgresExtension(vector),
      stdout: '{"installed":null,"default":"0.8.0"}\n',
      plan: 'change: create',
      diff: '+vector 0.8.0',
    },
    {
      when: 'any version of it',
      resource: postgresExtension(vector),
      stdout: '{"installed":"0.7.0","default":"0.8.0"}\n',
      plan: 'unchanged',
    },
    {
      when: 'an older version of it',
      resource: postgresExtension({ ...vector, version: '0.8.0' }),
      stdout: '{"installed":"0.7.0","default":"0.8.0"}\n',
      plan: 'change: update',
      diff: '-vector 0.7.0\n+vector 0.8.0',
    },
  ])

  test('the administrator cannot take the power from itself', () => {
    expect(() => postgresUser({ ...server, name: 'postgres' })).toThrow('superuser: true')
  })

  test.each(['2030-01-31', '2030-02-31T00:00:00Z', 'infinity', "'"])(
    '%s is no end of a password',
    (moment) => {
      expect(() => postgresUser({ ...server, name: 'app', validUntil: moment })).toThrow(TypeError)
    },
  )

  test('SQL travels on standard input, in one transaction, without the clear password', () => {
    const plan = user.plan({ stdout: '', stderr: '', code: 0 })
    const sql = Buffer.from(/'_'\n(.*)\n_\n/s.exec(applied(plan))?.[1] ?? '', 'base64').toString()
    expect(sql).toMatch(
      /^begin;\ncreate role "app" login nosuperuser nocreatedb nocreaterole noreplication nobypassrls connection limit -1 valid until 'infinity';\nalter role "app" password 'SCRAM-SHA-256\$4096:[^']+';\ngrant "pg_monitor" to "app";\ncommit;\n$/,
    )
    expect(sql).not.toContain('pencil')
    expect(plan.kind === 'change' && String(plan.apply)).toContain('[secret]')
  })
})

test('names and texts are quoted whatever they hold', () => {
  expect(identifier('we"ird')).toBe('"we""ird"')
  expect(literal("it's \\")).toBe("'it''s \\'")
  expect(() => identifier('x'.repeat(64))).toThrow(TypeError)
  expect(() => postgresDatabase({ ...server, name: 'host=evil', owner: 'a' })).toThrow(TypeError)
})

describe('a SCRAM verifier', () => {
  test('is the one of RFC 7677', () => {
    expect(scramVerifier(password, Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64')).reveal()).toBe(rfc)
  })

  test('verifies its password alone', () => {
    expect(verifies(rfc, password)).toBe(true)
    expect(verifies(rfc, new Secret('Pencil'))).toBe(false)
    expect(verifies(undefined, password)).toBe(false)
  })

  test('has a salt that is the same for a password and its role alone, so that a plan made twice is one', () => {
    const salt = Buffer.from(saltOf(password, 'app'))
    expect(salt).toHaveLength(16)
    expect(salt.equals(saltOf(password, 'app'))).toBe(true)
    expect(salt.equals(saltOf(password, 'other'))).toBe(false)
    expect(salt.equals(saltOf(new Secret('other'), 'app'))).toBe(false)
  })

  test('is refused for a password that SASLprep might change', () => {
    expect(() => scramVerifier(new Secret('pässword'), Buffer.alloc(16))).toThrow('printable ASCII')
  })
})
