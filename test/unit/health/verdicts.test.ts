import { expect, test } from 'vitest'
import { archiverStatus } from '../../../lib/backup/wal/status.ts'
import { judgeBackups } from '../../../lib/health/backups.ts'
import type { Seen } from '../../../lib/health/check.ts'
import { type Container, judgeContainer } from '../../../lib/health/containers.ts'
import { judgeDisks } from '../../../lib/health/disk.ts'
import { judgeHost } from '../../../lib/health/host.ts'
import { judgeEdge } from '../../../lib/health/state.ts'
import { judgeArchiver } from '../../../lib/health/wal.ts'
import { judgeArchive, judgePostgres } from '../../../roles/postgres-pgvector/checks.ts'
import { judgeRedis } from '../../../roles/redis/checks.ts'

const now = 1_795_600_000
const MiB = 1024 ** 2

const well: Container = {
  name: 'api-blue-1',
  status: 'running',
  code: 0,
  oom: false,
  since: now - 3 * 3600,
  until: 0,
  health: 'healthy',
  restarts: 0,
  limit: 256 * MiB,
  image: 'r/api@sha256:aa',
  used: 84 * MiB,
}
const expected = { name: 'api-blue-1', service: 'api', image: 'r/api@sha256:aa' }
const containers: readonly (readonly [
  string,
  Partial<Container> | undefined,
  object,
  Seen['verdict'],
  string,
])[] = [
  ['is well', {}, {}, 'ok', 'healthy, up 3 h, 84 of 256 MiB'],
  ['has no health check and no limit', { health: '', limit: 0 }, {}, 'ok', 'running, up 3 h, 84 MiB'],
  ['is not there', undefined, {}, 'failed', 'is not there'],
  ['is paused', { status: 'paused' }, {}, 'failed', 'paused'],
  ['restarts over and over', { status: 'restarting' }, {}, 'failed', 'restarting'],
  [
    'has ended',
    { status: 'exited', code: 137, until: now - 300, oom: true },
    {},
    'failed',
    'exited with code 137 5 min ago, out of memory',
  ],
  ['is unhealthy', { health: 'unhealthy' }, {}, 'failed', 'unhealthy, up 3 h, 84 of 256 MiB'],
  ['still starts', { health: 'starting', since: now - 4 }, {}, 'warning', 'starting, up 4 s, 84 of 256 MiB'],
  [
    'was started again just now',
    { restarts: 2, since: now - 600 },
    {},
    'warning',
    'healthy, up 10 min, restarted 2 times, 84 of 256 MiB',
  ],
  [
    'was started again long ago',
    { restarts: 2 },
    {},
    'ok',
    'healthy, up 3 h, restarted 2 times, 84 of 256 MiB',
  ],
  [
    'is near its limit',
    { used: 240 * MiB },
    {},
    'warning',
    'healthy, up 3 h, 240 of 256 MiB: its limit is near',
  ],
  [
    'is another release',
    { image: 'r/api@sha256:bb' },
    {},
    'failed',
    'healthy, up 3 h, 84 of 256 MiB, runs r/api@sha256:bb, and is to run r/api@sha256:aa',
  ],
  [
    'runs an older image by name',
    { image: 'redis:7.0' },
    { image: 'redis:7.2' },
    'warning',
    'healthy, up 3 h, 84 of 256 MiB, runs redis:7.0, and is to run redis:7.2',
  ],
  ['is spare and gone', undefined, { spare: true }, 'warning', 'is not there (warm, not served)'],
]
test.each(containers)('a container that %s', (_, observed, wish, verdict, seen) => {
  const container = observed === undefined ? undefined : { ...well, ...observed }
  expect(judgeContainer({ ...expected, ...wish }, container, now)).toEqual({
    service: 'api',
    verdict,
    seen: `api-blue-1: ${seen}`,
  })
})

const df = (blocks: number, inodes: string) => `Filesystem 1024-blocks Used Available Capacity Mounted on
overlay 10485760 1 5242880 ${blocks}% /
overlay 10485760 1 5242880 ${blocks}% /
tmpfs 8192 8192 0 99% /var/lib/with space
inodes
Filesystem Inodes IUsed IFree IUse% Mounted on
overlay 100 1 99 ${inodes} /
tmpfs 100 1 99 2% /var/lib/with space
`
test.each([
  [79, '10%', 'ok', '/: 79 % full, 5.0 GiB free, inodes 10 %'],
  [80, '10%', 'warning', '/: 80 % full, 5.0 GiB free, inodes 10 %'],
  [90, '10%', 'failed', '/: 90 % full, 5.0 GiB free, inodes 10 %'],
  [10, '91%', 'failed', '/: 10 % full, 5.0 GiB free, inodes 91 %'],
  [10, '-', 'ok', '/: 10 % full, 5.0 GiB free'],
])('a disk %i %% full with %s of its inodes is %s', (blocks, inodes, verdict, seen) => {
  expect(judgeDisks(df(blocks, inodes))).toEqual([
    { verdict, seen },
    { verdict: 'failed', seen: '/var/lib/with space: 99 % full, 0.0 GiB free, inodes 2 %' },
  ])
})

test.each([
  ['0.50', 5000, 'ok', 'load 0.5 on 2 cores, 50 % of 10 MiB taken'],
  ['4.00', 5000, 'warning', 'load 4 on 2 cores, 50 % of 10 MiB taken'],
  ['99', 5000, 'warning', 'load 99 on 2 cores, 50 % of 10 MiB taken'],
  ['0.5', 900, 'warning', 'load 0.5 on 2 cores, 91 % of 10 MiB taken'],
  ['0.5', 200, 'failed', 'load 0.5 on 2 cores, 98 % of 10 MiB taken'],
])('a host with load %s and %i kB of memory left is %s', (load, left, verdict, seen) => {
  const text = `2\n1.0 ${load} 1.0 1/100 1\nMemTotal:   10000 kB\nMemAvailable:  ${left} kB\n`
  expect(judgeHost(text)).toEqual({ verdict, seen })
})

test('a host that says nothing of its memory is no healthy one', () => {
  expect(() => judgeHost('2\n1.0 1.0 1.0 1/100 1\n')).toThrow()
})

const info = (changed: Readonly<Record<string, string>> = {}) => {
  const all = {
    used_memory: '52428800',
    maxmemory: '104857600',
    loading: '0',
    rdb_last_save_time: '1795600000',
    rdb_last_bgsave_status: 'ok',
    aof_last_write_status: 'ok',
    ...changed,
  }
  return `PONG\n# Memory\r\n${Object.entries(all)
    .map(([key, value]) => `${key}:${value}\r\n`)
    .join('')}`
}
test.each([
  [{}, 'ok', 'PONG, 50.0 of 100 MiB, log written, saved 2026-11-25T09:46Z'],
  [{ used_memory: '94371840' }, 'warning', 'PONG, 90.0 of 100 MiB: nearly full, log written, saved'],
  [{ maxmemory: '0' }, 'ok', 'PONG, 50.0 of any MiB'],
  [{ loading: '1' }, 'warning', 'still reads its data'],
  [{ rdb_last_bgsave_status: 'err' }, 'failed', 'the last snapshot: err'],
  [{ aof_last_write_status: 'err' }, 'failed', 'the last write to its log: err'],
])('redis with %j is %s', (changed, verdict, seen) => {
  expect(judgeRedis(info(changed))).toEqual({ verdict, seen: expect.stringContaining(seen) })
})

const server = {
  one: 1,
  version: '15.14 (Debian)',
  recovery: false,
  used: 40,
  most: 100,
  extensions: { plpgsql: '1.0', vector: '0.8.0' },
}
test.each([
  [{}, 'ok', 'PostgreSQL 15.14, takes writes, 40 of 100 connections, vector 0.8.0'],
  [{ used: 80 }, 'warning', '80 of 100 connections'],
  [{ used: 95 }, 'failed', '95 of 100 connections'],
  [{ recovery: true }, 'failed', 'in recovery: it takes no writes'],
  [{ extensions: { plpgsql: '1.0' } }, 'failed', 'vector is missing'],
])('postgres with %j is %s', (changed, verdict, seen) => {
  expect(judgePostgres({ ...server, ...changed }, ['vector'])).toEqual({
    verdict,
    seen: expect.stringContaining(seen),
  })
})

test.each([
  [{ last: '0001', failing: false, times: 0 }, 'ok', 'archived up to 0001'],
  [{ last: null, failing: false, times: 3 }, 'ok', 'archived up to nothing yet, 3 attempts failed before'],
  [
    { last: '0001', failed: '0002', failing: true, times: 7 },
    'failed',
    'archive_command fails at 0002, 7 times by now',
  ],
])('pg_stat_archiver with %j is %s', (row, verdict, seen) => {
  expect(judgeArchive(row)).toEqual({ verdict, seen })
})

const status = (changed: Readonly<Record<string, number | string>> = {}) => {
  const all = {
    system: '7',
    at: now - 10,
    last: '0001',
    last_at: now - 60,
    queue_bytes: 0,
    lag: 0,
    gaps: 0,
    failing: 0,
    ...changed,
  }
  return Object.entries(all)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
}
test.each([
  [status(), 'ok', 'shipped 0001 60 s ago, 0 MiB wait, the oldest for 0 s'],
  [status({ lag: 130, queue_bytes: 33554432 }), 'warning', '32 MiB wait, the oldest for 2 min'],
  [status({ lag: 900 }), 'failed', 'the oldest for 15 min'],
  [status({ failing: 1 }), 'failed', 'S3 does not take what it ships'],
  [status({ gaps: 2 }), 'failed', 'gave up 2 segments'],
  [status({ at: now - 200 }), 'failed', 'not heard of for 3 min'],
  ['', 'failed', 'there is no archiver'],
])('an archiver that says %j is %s', (text, verdict, seen) => {
  expect(judgeArchiver(archiverStatus('db-1', text), new Date(now * 1000))).toEqual({
    verdict,
    seen: expect.stringContaining(seen),
  })
})

const figures = (taken: number, verified?: number) =>
  `quayside_backup_last_timestamp_seconds{env="lab"} ${now - taken * 3600}\n${verified === undefined ? '' : `quayside_backup_verified_timestamp_seconds{env="lab"} ${now - verified * 3600}\n`}`
test.each([
  [figures(2, 30), 'ok', 'the newest backup is 2 h old, one was restored 30 h ago'],
  [figures(26, 30), 'warning', 'the newest backup is 26 h old, one was restored 30 h ago'],
  [figures(50, 60), 'failed', 'the newest backup is 2 d old, one was restored 3 d ago'],
  [figures(2), 'warning', 'the newest backup is 2 h old, none was ever restored'],
  ['', 'failed', 'there is no complete backup'],
])('backups of %j are %s', (text, verdict, seen) => {
  expect(judgeBackups(text, new Date(now * 1000))).toEqual([{ verdict, seen }])
})

const release = (id: string) => ({ id, images: {}, config: 'c' })
const held = (...ids: readonly string[]) =>
  new Map(ids.map((id, index) => [`app-${index}`, { blue: release(id) }] as const))
const flip = '{"from":"blue","to":"green","release":"v2"}'
const edges: readonly (readonly [
  string,
  string,
  string,
  ReadonlySet<'blue' | 'green'>,
  Map<string, object>,
  Seen,
])[] = [
  [
    'serves',
    'blue\n',
    '',
    new Set(['blue']),
    held('v1', 'v1'),
    { verdict: 'ok', seen: 'serves blue, release v1' },
  ],
  [
    'is locked',
    `blue\n${flip}\n`,
    'anna runs deploy',
    new Set(['blue', 'green']),
    held('v1', 'v1'),
    { verdict: 'ok', seen: 'serves blue, release v1, locked: anna runs deploy' },
  ],
  [
    'was left in a flip',
    `blue\n${flip}\n`,
    '',
    new Set(['blue']),
    held('v1'),
    { verdict: 'warning', seen: 'a flip to v2 was left unfinished: the next deploy or rollback undoes it' },
  ],
  [
    'serves another colour',
    'blue\n',
    '',
    new Set(['blue', 'green']),
    held('v1'),
    { verdict: 'failed', seen: 'serves blue, and others serve green' },
  ],
  [
    'serves two releases',
    'blue\n',
    '',
    new Set(['blue']),
    held('v1', 'v2'),
    { verdict: 'failed', seen: 'serves blue, which is not one release on all app hosts' },
  ],
  [
    'is new',
    'blue\n',
    '',
    new Set(['blue']),
    new Map([['app-1', {}]]),
    { verdict: 'warning', seen: 'nothing is deployed yet' },
  ],
]
test.each(edges)('an edge that %s', (_, edge, owner, served, releases, seen) => {
  expect(judgeEdge(edge, owner, { served, held: releases })).toEqual(seen)
})
