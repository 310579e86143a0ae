import { describe, expect, test } from 'vitest'
import { entriesOf } from '../../../lib/logs/index.ts'

const at = '2026-11-27T02:15:54.12Z'
const one = (container: string, said: string) => {
  const [entry] = entriesOf('h', container, `${at} ${said}\n`)
  return entry && { level: entry.level, message: entry.message, requestId: entry.requestId }
}

const pg = (severity: string, message: string) =>
  `2026-11-27 02:15:54.071 UTC [71] user=app db=app app=api client=10.0.0.1 ${severity}:  ${message}`

test.each([
  [
    'nginx: a request',
    'nginx',
    '{"time":"x","request_id":"abc","method":"GET","path":"/api/v","status":200,"seconds":0.003}',
    { level: 'info', message: 'GET /api/v 200 in 3 ms', requestId: 'abc' },
  ],
  [
    'nginx: a request that failed',
    'nginx',
    '{"request_id":"abc","method":"GET","path":"/","status":502,"seconds":1}',
    { level: 'error', message: 'GET / 502 in 1000 ms', requestId: 'abc' },
  ],
  [
    'nginx: its error log',
    'nginx',
    '2026/11/27 02:15:54 [error] 29#29: *1 connect() failed',
    { level: 'error', message: '2026/11/27 02:15:54 [error] 29#29: *1 connect() failed' },
  ],
  [
    'api: a request',
    'api-blue-1',
    '{"level":"info","message":"request","requestId":"abc","method":"POST","path":"/api/x","status":201,"durationMs":2.4}',
    { level: 'info', message: 'POST /api/x 201 in 2 ms', requestId: 'abc' },
  ],
  [
    'api: something else',
    'api-blue-1',
    '{"level":"warning","message":"redis is not ready"}',
    { level: 'warning', message: 'redis is not ready' },
  ],
  [
    'web: an error with its cause',
    'web-green-2',
    '{"level":"error","message":"the api is away","error":"fetch failed"}',
    { level: 'error', message: 'the api is away: fetch failed' },
  ],
  ['api: no JSON after all', 'api-blue-1', '{"level": cut', { level: 'info', message: '{"level": cut' }],
  [
    'PostgreSQL: LOG',
    'postgres',
    pg('LOG', 'checkpoint starting'),
    { level: 'info', message: 'checkpoint starting' },
  ],
  [
    'PostgreSQL: ERROR',
    'postgres',
    pg('ERROR', 'no such table'),
    { level: 'error', message: 'ERROR: no such table' },
  ],
  [
    'PostgreSQL: of its own',
    'postgres',
    '2026-11-27 01:56:08.052 UTC [8] user= db= app= client= FATAL:  no',
    { level: 'error', message: 'FATAL: no' },
  ],
  [
    'PostgreSQL: the image’s script',
    'postgres',
    'PostgreSQL init process complete',
    { level: 'info', message: 'PostgreSQL init process complete' },
  ],
  ['Redis: a notice', 'redis', '7:M 27 Nov 2026 01:55:55.057 * Ready', { level: 'info', message: 'Ready' }],
  [
    'Redis: a warning',
    'redis',
    "7:M 27 Nov 2026 01:55:55.057 # Can't save",
    { level: 'warning', message: "Can't save" },
  ],
  [
    'Redis: verbose',
    'redis',
    '7:M 27 Nov 2026 01:55:55.057 - Accepted',
    { level: 'debug', message: 'Accepted' },
  ],
])('%s', (_, container, said, expected) => {
  expect(one(container, said)).toEqual({ requestId: undefined, ...expected })
})

describe('lines that belong together', () => {
  test('of PostgreSQL: the detail, the statement, and a second line', () => {
    const text = [
      `${at} ${pg('ERROR', 'duplicate key')}`,
      `${at} ${pg('DETAIL', 'Key (id)=(1)')}`,
      `${at} ${pg('STATEMENT', 'insert into t')}`,
      `${at} \tvalues (1)`,
      `${at} ${pg('LOG', 'next')}`,
    ].join('\n')
    const entries = entriesOf('h', 'postgres', text)
    expect(entries.map(({ message }) => message)).toEqual(['ERROR: duplicate key', 'next'])
    expect(entries[0]?.raw.split('\n')).toHaveLength(4)
  })

  test('of a traceback', () => {
    const text = [
      `${at} {"level":"error","message":"it failed"}`,
      `${at} Traceback (most recent call last):`,
      `${at}   File "a.py", line 1`,
      `${at} {"level":"info","message":"next"}`,
    ].join('\n')
    expect(entriesOf('h', 'api-blue-1', text).map(({ message }) => message)).toEqual(['it failed', 'next'])
  })
})

test('times sort as text, whatever zeros Docker leaves out; what has no time is left out', () => {
  const text =
    'error from daemon: no\n2026-11-27T02:15:54Z a\n2026-11-27T02:15:54.5Z b\n2026-11-27T02:15:54.123456789Z c\n'
  const entries = entriesOf('h', 'other', text)
  expect([...entries].sort((a, b) => (a.time < b.time ? -1 : 1)).map(({ message }) => message)).toEqual([
    'a',
    'c',
    'b',
  ])
})
