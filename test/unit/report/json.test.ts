import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import type { Event } from '../../../lib/engine/event.ts'
import { jsonOf, jsonReporter, schemaVersion } from '../../../lib/report/json.ts'
import { everyEvent } from './sample-events.ts'

interface Branch {
  readonly title: string
  readonly properties: Readonly<Record<string, unknown>>
}
const published = JSON.parse(
  readFileSync(new URL('../../../docs/schemas/events.schema.json', import.meta.url), 'utf8'),
)

/** The published schema allows fields that a later release adds; here none may be there that it does not name. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]))
  return 'properties' in schema ? { ...inner, additionalProperties: false } : inner
}
const validate = new Ajv2020({ allErrors: true }).compile(closed(published) as object)
const at = new Date('2026-11-24T09:30:00.123Z')
const asPrinted = (event: Event): unknown => JSON.parse(JSON.stringify(jsonOf(event, at)))

test.each(Object.values(everyEvent))('the published schema describes $type, each of its fields', (event) => {
  const data = asPrinted(event)
  expect(validate(data), JSON.stringify(validate.errors)).toBe(true)
})

test('every field of the schema is one that an event can have', () => {
  const branches: readonly Branch[] = published.oneOf
  expect(branches.map(({ title }) => title).sort()).toEqual(Object.keys(everyEvent).sort())
  for (const { title, properties } of branches) {
    const event: object = everyEvent[title as Event['type']]
    expect([title, Object.keys(properties).sort()]).toEqual([
      title,
      ['at', 'v', ...Object.keys(event)].sort(),
    ])
  }
})

test.each<[string, object]>([
  ['a field gone', { v: 1, type: 'played', at: at.toISOString() }],
  ['an unknown type', { v: 1, type: 'paused', at: at.toISOString(), host: 'a' }],
  ['another version', { ...jsonOf(everyEvent.played, at), v: 2 }],
])('the schema refuses %s', (_, data) => {
  expect(validate(data)).toBe(false)
})

test('an event is one line, with version, time, and an error in words', () => {
  const lines: string[] = []
  const emit = jsonReporter(
    (line) => lines.push(line),
    () => at,
  )
  emit(everyEvent['host-failed'])
  emit(everyEvent.step)
  expect(lines).toHaveLength(2)
  expect(lines.join('')).not.toContain('\n')
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    v: schemaVersion,
    type: 'host-failed',
    at: '2026-11-24T09:30:00.123Z',
    host: 'edge-1',
    unreachable: false,
    id: 'file /a',
    error: {
      name: 'StepError',
      message: 'edge-1: file /a: create: ended with code 1\n    No space left',
      hint: 'df -h',
      exitCode: 1,
      step: 'file /a: create',
      code: 1,
      stderr: 'No space left',
    },
  })
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({ ms: 12.346 })
})

test('a fault of ours has its stack', () => {
  expect(jsonOf(everyEvent['run-failed'], at)).toMatchObject({
    error: { name: 'TypeError', message: 'x is not a function', stack: expect.stringContaining('    at ') },
  })
})
