import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Emit, Event, Tally } from '../../../lib/engine/event.ts'
import { QuaysideError } from '../../../lib/error.ts'
import { consoleReporter } from '../../../lib/report/console.ts'
import { duration } from '../../../lib/report/style.ts'

let out: string[]
const reporter = (options: { diff?: boolean; verbosity?: number } = {}): Emit =>
  consoleReporter({
    write: (line) => out.push(line),
    paint: (_, text) => text,
    diff: false,
    verbosity: 0,
    ...options,
  })
const said = (...events: Event[]) => {
  const emit = reporter()
  for (const event of events) emit(event)
  return out.join('\n')
}

beforeEach(() => {
  out = []
  vi.useFakeTimers()
})
afterEach(() => vi.useRealTimers())

const changed: Event = {
  type: 'resource',
  host: 'db-1',
  role: 'redis',
  id: 'file /etc/redis.conf',
  outcome: 'changed',
  summary: 'content changed',
  diff: '-a\n+b',
  ms: 1234,
}
const tally = (host: string, rest: Partial<Tally>): Tally => ({
  host,
  unchanged: 0,
  changed: 0,
  pending: 0,
  handlers: 0,
  skipped: 0,
  rescued: 0,
  state: 'ok',
  ...rest,
})

test('a change is a line, what did not change is silence', () => {
  expect(said(changed, { ...changed, outcome: 'unchanged' })).toBe(
    '  db-1     changed  file /etc/redis.conf: content changed  1.2s',
  )
})

test('--diff adds the lines, -v what did not change', () => {
  const emit = reporter({ diff: true, verbosity: 1 })
  emit(changed)
  emit({ ...changed, outcome: 'unchanged', diff: '', ms: 0 })
  expect(out.join('\n')).toContain('             -a\n             +b')
  expect(out.join('\n')).toContain('db-1     unchanged')
})

test('a failed host says why, and what to do', () => {
  const error = new QuaysideError('db-1: connection refused', { hint: 'is sshd running?' })
  expect(said({ type: 'host-failed', host: 'db-1', unreachable: true, error })).toBe(
    '  db-1     unreachable connection refused\n             hint: is sshd running?',
  )
})

test('a run ends with a table', () => {
  const tallies = [
    tally('edge-1', { unchanged: 11 }),
    tally('db-1', { unchanged: 3, changed: 12, handlers: 1, state: 'failed' }),
  ]
  expect(said({ type: 'recap', tallies, ms: 125_000 })).toBe(
    [
      '',
      '  host    ok  changed  handlers  state',
      '  edge-1  11        0         0  ok',
      '  db-1     3       12         1  failed',
      '  2m05s',
    ].join('\n'),
  )
})

test('what takes long is heard of every ten seconds, until it ends', () => {
  const emit = reporter()
  emit({ type: 'applying', host: 'db-1', role: 'docker', id: 'packages docker.io', summary: 'install' })
  vi.advanceTimersByTime(25_000)
  expect(out).toEqual([
    '  db-1     still    packages docker.io  10.0s',
    '  db-1     still    packages docker.io  20.0s',
  ])
  emit({ ...changed, id: 'packages docker.io' })
  vi.advanceTimersByTime(60_000)
  expect(out).toHaveLength(3)
})

test('durations', () => {
  expect([duration(90), duration(12_340), duration(99_960), duration(3_600_000)]).toEqual([
    '0.1s',
    '12.3s',
    '1m40s',
    '60m00s',
  ])
})
