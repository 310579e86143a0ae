import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askStore, entriesOfStore, type Span } from '../../../lib/logs/index.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quayside store '))
  const line = (time: string, host: string, container: string, raw: string) =>
    // As rsyslog writes it, blanks and all.
    `{"time":"${time}", "host": "${host}", "service":"api", "container":"${container}", "level":"info", "message":"", "raw":${JSON.stringify(raw)}}\n`
  const write = (path: string, ...lines: readonly string[]) => {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), lines.join(''))
  }
  write(
    'app-1/api/2026-11-26.jsonl',
    line('2026-11-26T23:59:58.5Z', 'app-1', 'api-blue-1', 'late'),
    line('2026-11-26T23:59:59.5Z', 'app-1', 'api-blue-1', '{"request_id":"r-1","message":"last"}'),
  )
  write(
    'app-1/api/2026-11-27.jsonl',
    line('2026-11-27T00:00:01Z', 'app-1', 'api-blue-1', 'first "of" the day'),
    line('2026-11-27T00:00:02Z', 'app-1', 'api-blue-2', 'other'),
    line('2026-11-27T00:00:03Z', 'app-1', 'api-blue-1', 'second'),
  )
  write(
    'app-10/api/2026-11-27.jsonl',
    line('2026-11-27T00:00:02Z', 'app-10', 'api-blue-1', '{"request_id":"r-1"}'),
  )
  write('db-1/redis/2026-11-25.jsonl', '\n')
})
afterAll(() => rmSync(folder, { recursive: true }))

function ask(span: Partial<Span>, sought = {}) {
  const all = { since: '2026-11-26T00:00:00.000Z', tail: 200, ...span }
  const { script, read } = askStore({ folder }, all, sought)
  const stdout = execFileSync('sh', { input: `${script.reveal()}\n`, encoding: 'utf8' })
  const { known, lines } = read(stdout)
  return {
    known,
    said: entriesOfStore(lines)
      .map(({ host, raw }) => `${host} ${raw}`)
      .sort(),
  }
}

test('of all days of the span, and all services that there are', () => {
  const { known, said } = ask({})
  expect(known).toEqual(['api', 'redis'])
  expect(said).toHaveLength(6)
})

test('from a moment on, and up to one', () => {
  const { said } = ask({ since: '2026-11-26T23:59:59.000Z', until: '2026-11-27T00:00:01.000Z' })
  expect(said).toEqual(['app-1 first "of" the day', 'app-1 {"request_id":"r-1","message":"last"}'])
})

test('the last lines of each container, over days', () => {
  expect(ask({ tail: 2, until: '2026-11-27T00:00:02.000Z' }).said).toEqual([
    'app-1 first "of" the day',
    'app-1 other',
    'app-1 {"request_id":"r-1","message":"last"}',
    'app-10 {"request_id":"r-1"}',
  ])
})

test('of hosts by their whole names, and of one request', () => {
  expect(ask({}, { hosts: ['app-1'] }).said.filter((each) => each.startsWith('app-10'))).toEqual([])
  expect(ask({}, { hosts: [] }).said).toEqual([])
  expect(ask({}, { requestId: 'r-1' }).said).toEqual([
    'app-1 {"request_id":"r-1","message":"last"}',
    'app-10 {"request_id":"r-1"}',
  ])
  expect(ask({}, { requestId: '-e .*' }).said).toEqual([])
})

test('where there is no store it fails', () => {
  const { script } = askStore(
    { folder: '/nonexistent/store' },
    { since: '2026-11-26T00:00:00Z', tail: 1 },
    {},
  )
  expect(() => execFileSync('sh', { input: script.reveal(), stdio: 'pipe' })).toThrow()
})
