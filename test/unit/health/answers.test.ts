import { describe, expect, test } from 'vitest'
import type { Check, Finding } from '../../../lib/health/check.ts'
import { found } from '../../../lib/health/examine.ts'
import { type Answer, gather } from '../../../lib/health/gather.ts'
import { healthMetrics, portCheck, redirectCheck, webCheck } from '../../../lib/health/index.ts'
import { exposition } from '../../../lib/metrics/exposition.ts'
import { Args } from '../../../lib/playbook/flags.ts'
import { layersOf } from '../../../lib/playbook/health/flags.ts'
import { healthLines, verdictOn } from '../../../lib/playbook/health/health.ts'
import { raw } from '../../../lib/script/index.ts'
import { host } from '../roles/context.ts'

const here = host('app-1', '10.0.0.21')
const answer = (values: Partial<Answer>): Answer => ({
  code: 0,
  stdout: '',
  stderr: '',
  ms: 12,
  allowed: 5,
  cut: false,
  ...values,
})
const seen = (check: Check, values: Partial<Answer>) =>
  found(check, answer(values)).map((each) => `${each.verdict} ${each.seen}`)

describe('a question by HTTP', () => {
  const asked = {
    host: here,
    service: 'api',
    layer: 'query',
    url: 'http://10.0.0.21/',
    what: '/api/version',
  } as const
  const end = (status: number, target = '') => `\nquayside ${status} 0.0123 ${target}`
  test.each([
    [webCheck(asked), { stdout: end(200) }, 'ok /api/version: 200 in 12 ms'],
    [webCheck(asked), { stdout: end(302, 'http://x/') }, 'ok /api/version: 302 in 12 ms'],
    [webCheck(asked), { stdout: end(503) }, 'failed /api/version: 503 in 12 ms'],
    [
      webCheck(asked),
      { code: 7, stdout: end(0), stderr: 'curl: (7) Failed to connect to 10.0.0.21\n' },
      'failed /api/version: Failed to connect to 10.0.0.21',
    ],
    [
      webCheck({ ...asked, release: 'v1' }),
      { stdout: `HTTP/1.1 200 OK\r\nX-Release: v1\r\n\r\nx${end(200)}` },
      'ok /api/version: 200 in 12 ms, release v1',
    ],
    [
      webCheck({ ...asked, release: 'v1' }),
      { stdout: `HTTP/1.1 200 OK\r\n\r\n{"release":"v1"}${end(200)}` },
      'ok /api/version: 200 in 12 ms, release v1',
    ],
    [
      webCheck({ ...asked, release: 'v1' }),
      { stdout: `HTTP/1.1 200 OK\r\nX-Release: v12\r\n\r\nx${end(200)}` },
      'failed /api/version: 200 in 12 ms, but it is not release v1',
    ],
    [
      redirectCheck(asked),
      { stdout: end(301, 'https://a.test/') },
      'ok /api/version: 301 to https://a.test/',
    ],
    [
      redirectCheck(asked),
      { stdout: end(301, 'http://a.test/') },
      'failed /api/version: 301 to http://a.test/',
    ],
    [redirectCheck(asked), { stdout: end(200) }, 'failed /api/version: 200, no redirect'],
    [webCheck(asked), { code: 124, cut: true }, 'failed /api/version: no answer within 5 s: cut off'],
  ])('%#', (check, values, line) => expect(seen(check, values)).toEqual([line]))
})

test.each([
  [{}, 'ok 10.0.0.31:6379 of db-1 is open'],
  [
    { code: 1, stderr: '10.0.0.31: connect: Connection refused\n10.0.0.31: line 1: …\n' },
    'failed 10.0.0.31:6379 of db-1: Connection refused',
  ],
  [{ code: 124, cut: true }, 'failed 10.0.0.31:6379 of db-1: no answer within 5 s: cut off'],
])('a port that answers %j', (values, line) => {
  const check = portCheck({ from: here, service: 'redis', address: '10.0.0.31', port: 6379, of: 'db-1' })
  expect(seen(check, values)).toEqual([line])
})

test('what cannot be read is a failure of that check alone', () => {
  const check: Check = {
    host: here,
    service: 'x',
    layer: 'query',
    what: 'INFO',
    script: raw(':'),
    judge: ({ stdout }) => JSON.parse(stdout),
  }
  expect(seen(check, { stdout: 'no JSON' })[0]).toMatch(/^failed INFO: what it says cannot be read: /)
})

test('an answer that never came is one that was cut off', () => {
  const { read } = gather([raw('a'), raw('b')], { usual: 5, busy: 5 })
  expect(read('').map(({ cut }) => cut)).toEqual([true, true])
})

const finding = (host: string, verdict: Finding['verdict'], more: Partial<Finding> = {}): Finding => ({
  host,
  service: 'redis',
  layer: 'query',
  verdict,
  seen: 'PONG',
  ms: 40,
  ...more,
})

test.each([
  [['ok'], [], false, undefined],
  [['ok', 'warning'], [], false, undefined],
  [['ok', 'warning'], [], true, 3],
  [['ok', 'warning', 'failed'], [], true, 1],
  [['ok', 'unreachable'], ['db-1'], false, 4],
  [['warning', 'unreachable'], ['db-1'], true, 4],
  [['failed', 'unreachable'], ['db-1'], false, 1],
] as const)(
  'findings %j with %j out of reach, strict %j: exit code %j',
  (verdicts, unreachable, strict, code) => {
    const findings = verdicts.map((each) =>
      each === 'unreachable' ? finding('db-1', 'failed') : finding('app-1', each),
    )
    expect(verdictOn({ findings, unreachable }, strict)?.exitCode).toBe(code)
  },
)

test('the table', () => {
  const lines = healthLines(
    [finding('db-1', 'ok'), finding('edge-1', 'failed', { service: 'nginx', seen: 'gone' })],
    1234,
  )
  expect(lines).toEqual([
    '',
    'host    service  layer          seen',
    'db-1    redis    query  ok      PONG',
    'edge-1  nginx    query  FAILED  gone',
    '',
    '1 ok, 0 warnings, 1 failed, in 1.2 s',
  ])
})

test('metrics: one sample a service and layer, by the worst that was found', () => {
  const text = exposition(
    healthMetrics(
      'lab',
      [
        finding('db-1', 'ok'),
        finding('db-1', 'failed', { ms: 90 }),
        finding('edge-1', 'warning', { service: 'nginx', layer: 'tls', daysLeft: 20.123 }),
      ],
      new Date(1_795_600_000_000),
    ),
  )
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const redis = '{env="lab",host="db-1",service="redis",layer="query"}'
  const nginx = '{env="lab",host="edge-1",service="nginx",layer="tls"}'
  expect(samples).toEqual([
    `quayside_health${redis} 0`,
    `quayside_health${nginx} 1`,
    `quayside_health_warning${redis} 0`,
    `quayside_health_warning${nginx} 1`,
    `quayside_health_check_seconds${redis} 0.09`,
    `quayside_health_check_seconds${nginx} 0.04`,
    'quayside_tls_days_left{env="lab",host="edge-1",service="nginx"} 20.12',
    'quayside_health_last_timestamp_seconds{env="lab"} 1795600000',
  ])
})

test('--only takes layers in any number of flags', () => {
  expect(layersOf(new Args({ only: ['tls,disk', ' wal'] }, []))).toEqual(['tls', 'disk', 'wal'])
  expect(layersOf(new Args({}, []))).toHaveLength(10)
})
