import { describe, expect, test } from 'vitest'
import { Secret } from '../../../lib/secret/index.ts'
import { pgHbaConf } from '../../../roles/postgres-pgvector/pg-hba-conf.ts'
import { postgresqlConf } from '../../../roles/postgres-pgvector/postgresql-conf.ts'
import { postgresPgvector } from '../../../roles/postgres-pgvector/role.ts'
import { postgresVars } from '../../../roles/postgres-pgvector/schema.ts'
import { defaultMemoryMb, tune } from '../../../roles/postgres-pgvector/tuning.ts'
import { context, host, planned, varsOf, visible } from './context.ts'

const secrets = {
  postgres_password: new Secret('app-secret'),
  postgres_superuser_password: new Secret('super-secret'),
}
const vars = (given: Readonly<Record<string, unknown>> = {}) => varsOf(postgresVars, { ...secrets, ...given })

describe('tuning by memory', () => {
  test.each([
    // memory, cpus, connections → shared, cache, maintenance (MB), work (KB), WAL, workers, per gather, /dev/shm
    [256, 1, 200, [64, 192, 32, 1024, 512, 2, 1, 64]],
    [512, 2, 200, [128, 384, 64, 1024, 512, 2, 1, 128]],
    [2048, 2, 200, [512, 1536, 256, 2621, 2048, 2, 1, 512]],
    [16_384, 8, 200, [4096, 12_288, 2048, 20_971, 8192, 8, 4, 4096]],
    [16_384, 8, 20, [4096, 12_288, 2048, 65_536, 8192, 8, 4, 4096]],
    [131_072, 64, 500, [16_384, 98_304, 4096, 65_536, 8192, 32, 4, 8192]],
  ])('%i MB, %i CPUs, %i connections', (memory, cpus, connections, expected) => {
    const t = tune(memory, cpus, connections)
    expect([
      t.sharedBuffersMb,
      t.effectiveCacheSizeMb,
      t.maintenanceWorkMemMb,
      t.workMemKb,
      t.maxWalSizeMb,
      t.parallelWorkers,
      t.parallelWorkersPerGather,
      t.shmMb,
    ]).toEqual(expected)
  })

  test.each([
    [400, 256],
    [8192, 4096],
    [1_000_000, 65_536],
  ])('a host of %i MB gives the server %i MB', (all, share) => {
    expect(defaultMemoryMb(all)).toBe(share)
  })
})

describe('postgresql.conf', () => {
  const settings = (given = {}) => {
    const lines = postgresqlConf(vars(given), tune(2048, 2, 200))
      .split('\n')
      .filter(Boolean)
    return lines.map((line) => line.split(' = ', 2)) as [string, string][]
  }

  test('is tuned, listens, and asks for SCRAM', () => {
    expect(Object.fromEntries(settings())).toMatchObject({
      listen_addresses: "'*'",
      hba_file: "'/etc/quayside/postgres/pg_hba.conf'",
      shared_buffers: "'512MB'",
      work_mem: "'2621kB'",
      max_connections: '200',
      random_page_cost: '1.1',
      password_encryption: "'scram-sha-256'",
      logging_collector: 'off',
    })
  })

  test('logs no statement, which may hold a password', () => {
    expect(Object.fromEntries(settings())).toMatchObject({
      log_statement: "'none'",
      log_min_duration_statement: '-1',
      log_min_error_statement: "'panic'",
      log_parameter_max_length_on_error: '0',
    })
  })

  test("names each setting once, and the inventory's own win", () => {
    const found = settings({ postgres_settings: { work_mem: '32MB', jit: false, search_path: "it's" } })
    const names = found.map(([name]) => name)
    expect(names).toEqual([...new Set(names)])
    expect(Object.fromEntries(found)).toMatchObject({
      work_mem: "'32MB'",
      jit: 'off',
      search_path: "'it''s'",
    })
  })
})

describe('pg_hba.conf', () => {
  const rules = (clients: readonly string[]) =>
    pgHbaConf(clients)
      .trim()
      .split('\n')
      .map((line) => line.split(/ +/))

  test('lets in postgres over the socket, clients by password, and no one else', () => {
    expect(rules(['10.0.0.22', '10.0.0.21', 'fd00::1', '10.1.0.0/16', 'bastion.test', '10.0.0.21'])).toEqual([
      ['local', 'all', 'postgres', 'peer'],
      ['local', 'all', 'all', 'reject'],
      ['host', 'all', 'all', '127.0.0.1/32', 'scram-sha-256'],
      ['host', 'all', 'postgres', 'all', 'reject'],
      ['host', 'all', 'all', '10.0.0.21/32', 'scram-sha-256'],
      ['host', 'all', 'all', '10.0.0.22/32', 'scram-sha-256'],
      ['host', 'all', 'all', '10.1.0.0/16', 'scram-sha-256'],
      ['host', 'all', 'all', 'bastion.test', 'scram-sha-256'],
      ['host', 'all', 'all', 'fd00::1/128', 'scram-sha-256'],
      ['host', 'all', 'all', 'all', 'reject'],
    ])
  })

  test.each([
    '10.0.0.1/33',
    'fd00::1/129',
    'host.test/8',
    '10.0.0.1/',
    '10.0.0.1/8/8',
    '10.0.0.1/x',
    '/8',
    'a b',
    '',
  ])('refuses %j, with which the server would not start', (client) => {
    expect(() => pgHbaConf([client])).toThrow('postgres_clients')
  })

  test('takes the app hosts unless the inventory says who', () => {
    const file = (given = {}) => {
      const resources = postgresPgvector.resources(context(vars(given)))
      return planned(resources.find(({ id }) => id.endsWith('pg_hba.conf')) ?? fail())
    }
    expect(file()).toContain('10.0.0.21/32')
    expect(file()).toContain('10.0.0.22/32')
    expect(file({ postgres_clients: ['10.9.9.9'] })).not.toContain('10.0.0.21')
  })
})

test('the server is published on the private address alone, which must be an address', () => {
  expect(visible(postgresPgvector, context(vars()))).toContain('--publish 10.0.0.31:5432:5432/tcp')
  const named = context(vars(), { host: host('db-1', 'db-1.test') })
  expect(() => postgresPgvector.resources(named)).toThrow('db-1: a port is published on db-1.test')
})

test('no password shows', () => {
  const shown = visible(postgresPgvector, context(vars()))
  expect(shown).toContain('superuser-password')
  expect(shown).not.toContain('app-secret')
  expect(shown).not.toContain('super-secret')
})

function fail(): never {
  throw new Error('there is no such resource')
}
