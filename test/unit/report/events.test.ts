import { expect, test } from 'vitest'
import type { Event } from '../../../lib/engine/event.ts'
import { QuaysideError } from '../../../lib/error.ts'
import { consoleReporter } from '../../../lib/report/console.ts'
import { eventLines } from '../../../lib/report/event-lines.ts'
import { everyEvent } from './sample-events.ts'

const shown = (event: Event, verbosity = 0, diff = false) =>
  eventLines(event, { paint: (_, text) => text, diff, verbosity, names: 8 })

test.each<[string, Event, string[]]>([
  ['a run', everyEvent.run, ['site · lab']],
  ['a check', { ...everyEvent.run, check: true }, ['site · lab · check: nothing is changed']],
  ['a batch', everyEvent.play, ['nginx-tls on edge, batch 1 of 2']],
  ['a play on nobody', { type: 'play', hosts: 'db', on: [], roles: ['redis'] }, ['redis on db: no host']],
  ['a note', everyEvent.note, ['  edge-1   connected again']],
  ['a step', { type: 'step', text: 'the flip', ms: 1200 }, ['• the flip  1.2s']],
  [
    'another attempt',
    everyEvent.retrying,
    ['  edge-1   again    file /a: try 1 of 3 failed: it is not there'],
  ],
  [
    'a change elsewhere',
    everyEvent.resource,
    ['  edge-1   changed  file /a: content changed (on db-1)  1.2s'],
  ],
  [
    'a handler',
    everyEvent.handler,
    ['  edge-1   changed  handler redis/restart (owed by an earlier run)  0.9s'],
  ],
  [
    'a wrong plan',
    everyEvent.mispredicted,
    [
      '  edge-1   mispredicted file /a: the plan said "unchanged", the run found "create"',
      '             hint: a fault of the resource, or of the order in its role: please report it',
    ],
  ],
  [
    'a failure',
    everyEvent['host-failed'],
    [
      '  edge-1   failed   file /a: create: ended with code 1',
      '             No space left',
      '             hint: df -h',
    ],
  ],
  [
    'a stopped play',
    everyEvent['play-stopped'],
    ['edge: the play stopped: 2 of 2 hosts failed; left out: edge-2'],
  ],
])('%s is told', (_, event, lines) => {
  expect(shown(event)).toEqual(lines)
})

const { connected, probed, applying, output, resource } = everyEvent
test.each<[Event, number, string[]]>([
  [connected, 1, ['  edge-1   connected   0.1s']],
  [
    { ...resource, outcome: 'unchanged', summary: '', delegate: '', ms: 0 },
    1,
    ['  edge-1   unchanged file /a (on )'],
  ],
  [{ ...resource, outcome: 'skipped', ms: 0 }, 1, ['  edge-1   skipped  file /a: content changed (on db-1)']],
  [probed, 2, ['  edge-1   probed   11 resources  0.1s']],
  [applying, 2, ['  edge-1   applying file /a: create']],
  [output, 3, ['             │ one', '             │ two', '             │ warn']],
])('%j is told from -v times %i on', (event, verbosity, lines) => {
  expect(shown(event, verbosity - 1)).toEqual([])
  expect(shown(event, verbosity)).toEqual(lines)
})

test('-vv shows where a failure came from', () => {
  expect(shown(everyEvent['host-failed'], 2).slice(3)).toContainEqual(
    expect.stringMatching(/^ {13}at .*sample-events/),
  )
})

test('a hint of several lines stays together', () => {
  const error = new QuaysideError('a: no', { hint: 'type\nssh-keyscan a' })
  expect(shown({ type: 'host-failed', host: 'a', unreachable: true, error }).at(-1)).toBe(
    '             hint: type\n                   ssh-keyscan a',
  )
})

test.each(Object.values(everyEvent))('what a host says cannot steer the terminal: $type', (event) => {
  const evil = 'x\u001b[2J\u001b]0;mine\u0007\r'
  const poison = (value: unknown): unknown => {
    if (value instanceof Error) return new QuaysideError(`${value.message}${evil}`, { hint: evil })
    if (Array.isArray(value)) return value.map(poison)
    return typeof value === 'string' ? `${value}${evil}` : value
  }
  const fields = Object.entries(event).filter(
    ([key]) => !['type', 'outcome', 'host', 'hosts', 'on'].includes(key),
  )
  const poisoned = { ...event, ...Object.fromEntries(fields.map(([key, value]) => [key, poison(value)])) }
  for (const line of shown(poisoned as Event, 3, true)) expect(line).not.toMatch(/(?!\n)\p{Cc}/u)
})

test('names of hosts are aligned by the longest of the play', () => {
  const out: string[] = []
  const emit = consoleReporter({
    write: (line) => out.push(line),
    paint: (_, text) => text,
    diff: false,
    verbosity: 0,
  })
  emit({ type: 'play', hosts: 'all', on: ['a', 'frankfurt-edge-1'], roles: ['redis'] })
  emit({ ...resource, host: 'a', ms: 0 })
  emit(everyEvent.recap)
  expect(out[1]).toBe('  a                changed  file /a: content changed (on db-1)')
})
