import { describe, expect, test } from 'vitest'
import { Secret } from '../../../lib/secret/index.ts'
import { pgHbaConf } from '../../../roles/postgres-pgvector/pg-hba-conf.ts'
import { postgresqlConf } from '../../../roles/postgres-pgvector/postgresql-conf.ts'
import { postgresPgvector } from '../../../roles/postgres-pgvector/role.ts'
import { postgresVars } from '../../../roles/postgres-pgvector/schema.ts'
import { defaultMemoryMb, tune } from '../../../roles/postgres-pgvector/tuning.ts'
import {
  credentialsFile,
  headersFile,
  objectsUrl,
  settingsFile,
  walSettings,
} from '../../../roles/postgres-pgvector/wal/settings.ts'
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

describe("the log's archive", () => {
  const archived = {
    postgres_archive: true,
    postgres_archive_access_key: new Secret('AKIAHOST'),
    postgres_archive_secret_key: new Secret('host-secret/key'),
    backup_store: {
      s3: { bucket: 'backups', prefix: 'a/b', host_endpoint: 'http://s3.lab:7480/', path_style: true },
    },
    backup_recipients: ['age1qqq'],
  }

  test('nothing of it where it is not wanted', () => {
    const given = { backup_store: archived.backup_store, backup_recipients: ['age1qqq'] }
    expect(visible(postgresPgvector, context(vars(given)))).toBe(visible(postgresPgvector, context(vars())))
    expect(visible(postgresPgvector, context(vars()))).not.toMatch(
      /archive|quayside-wal|replication +postgres/,
    )
  })

  test('a service, what PostgreSQL asks, and no secret to be seen', () => {
    const seen = visible(postgresPgvector, context(vars(archived)))
    expect(seen).toContain('systemd unit quayside-wal.service')
    expect(seen).toContain("archive_command = 'sh /etc/quayside/postgres/archive-wal %p %f'")
    expect(seen).toContain("archive_timeout = '30s'")
    expect(seen).toContain('/var/lib/quayside/wal/done')
    expect(seen).toMatch(/local +replication +postgres +peer/)
    for (const secret of ['AKIAHOST', 'host-secret/key']) expect(seen).not.toContain(secret)
  })

  const settings = (more = {}) => walSettings(vars({ ...archived, ...more }), 'test')

  test('the archiver goes where the store is, as the host reaches it', () => {
    expect(settingsFile(settings())).toContain('url=http://s3.lab:7480/backups/a/b/test/wal\n')
    expect(settingsFile(settings())).toContain("recipients='-r age1qqq'\n")
    const credentials = credentialsFile(settings())
    expect(credentials instanceof Secret && credentials.reveal()).toBe(
      'user = "AKIAHOST:host-secret/key"\naws-sigv4 = "aws:amz:us-east-1:s3"\n',
    )
    const s3 = { bucket: 'bkt1', storage_class: 'STANDARD_IA', encryption: 'aws:kms', kms_key: 'arn:k' }
    expect(headersFile(settings({ backup_store: { s3 } }))).toBe(
      'header = "x-amz-storage-class: STANDARD_IA"\nheader = "x-amz-server-side-encryption: aws:kms"\nheader = "x-amz-server-side-encryption-aws-kms-key-id: arn:k"\n',
    )
  })

  test.each([
    [{ bucket: 'bkt1' }, 'https://bkt1.s3.us-east-1.amazonaws.com/'],
    [{ bucket: 'bkt.1' }, 'https://s3.us-east-1.amazonaws.com/bkt.1/'],
    [{ bucket: 'bkt1', region: 'eu-west-1', path_style: true }, 'https://s3.eu-west-1.amazonaws.com/bkt1/'],
    [{ bucket: 'bkt1', endpoint: 'https://s3.example.org' }, 'https://bkt1.s3.example.org/'],
  ])('%j is at %s', (s3, url) => {
    expect(objectsUrl(settings({ backup_store: { s3 } }).s3)).toBe(url)
  })

  test.each([
    [{ backup_store: undefined }, 'backup_store.s3 is not set'],
    [{ backup_store: { directory: '/srv' } }, 'backup_store.s3 is not set'],
    [{ backup_recipients: undefined }, 'backup_recipients is not set'],
    [{ postgres_archive_secret_key: undefined }, 'postgres_archive_secret_key'],
  ])('%j is not enough', (more, message) => {
    expect(() => settings(more)).toThrow(message)
  })
})
