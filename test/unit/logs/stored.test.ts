import { expect, test } from 'vitest'
import { entriesOf, entriesOfStore, isWithin } from '../../../lib/logs/index.ts'

const stored = (time: string, container: string, raw: string, more = {}) =>
  JSON.stringify({ time, host: 'h', service: 'x', container, level: 'info', message: '?', raw, ...more })

test('what a store keeps is read as what Docker keeps: the same entries', () => {
  const lines: readonly [string, string][] = [
    ['2026-11-27T02:00:01.5Z', '2026-11-27 02:00:01.499 UTC [7] user=a db=a app= client=b ERROR:  boom'],
    ['2026-11-27T02:00:01.50001Z', '2026-11-27 02:00:01.499 UTC [7] user=a db=a app= client=b DETAIL:  why'],
    ['2026-11-27T02:00:01.50002Z', '\tand so on'],
    ['2026-11-27T02:00:02Z', '2026-11-27 02:00:02 UTC [7] user= db= app= client= LOG:  ready'],
  ]
  const fromDocker = entriesOf('h', 'postgres', lines.map(([time, raw]) => `${time} ${raw}`).join('\n'))
  const fromStore = entriesOfStore(lines.map(([time, raw]) => stored(time, 'postgres', raw)))
  expect(fromDocker).toHaveLength(2)
  expect(fromStore).toEqual(fromDocker)
})

test('what came twice is told once, in the order of time, and what is no entry not at all', () => {
  const one = stored('2026-11-27T02:00:01.1Z', 'api-blue-1', 'one')
  const two = stored('2026-11-27T02:00:01.12Z', 'api-blue-1', 'two')
  const lines = [two, one, two, one, '{"time":', 'null', '{"host":"h"}']
  expect(entriesOfStore(lines).map(({ message }) => message)).toEqual(['one', 'two'])
})

test('the same words at another time, or of another container, are others', () => {
  const lines = [
    stored('2026-11-27T02:00:01.1Z', 'api-blue-1', 'same'),
    stored('2026-11-27T02:00:01.2Z', 'api-blue-1', 'same'),
    stored('2026-11-27T02:00:01.1Z', 'api-blue-2', 'same'),
  ]
  expect(entriesOfStore(lines)).toHaveLength(3)
})

test('a line that Docker cut is one again, though its pieces are alike', () => {
  const at = '2026-11-27T02:00:01.1Z'
  const [entry, next] = entriesOfStore([
    stored(at, 'api-blue-1', '{"message":"', { cut: 'yes' }),
    stored(at, 'api-blue-1', 'xx', { cut: 'yes' }),
    stored(at, 'api-blue-1', 'xx', { cut: 'yes' }),
    stored(at, 'api-blue-1', '"}'),
    stored('2026-11-27T02:00:01.2Z', 'api-blue-1', 'next'),
  ])
  expect([entry?.message, next?.message]).toEqual(['xxxx', 'next'])
})

test('within a span, to the nanosecond', () => {
  const [entry] = entriesOfStore([stored('2026-11-27T02:00:01.5Z', 'nginx', 'x')])
  if (entry === undefined) throw new Error('no entry')
  expect(isWithin(entry, { since: '2026-11-27T02:00:01.500Z' })).toBe(true)
  expect(isWithin(entry, { since: '2026-11-27T02:00:01.501Z' })).toBe(false)
  expect(isWithin(entry, { since: '2026-11-27T02:00:00Z', until: '2026-11-27T02:00:01.499Z' })).toBe(false)
})
