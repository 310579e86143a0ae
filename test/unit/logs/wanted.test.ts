import { expect, test } from 'vitest'
import { askLogs, type Entry, inOrder, isWanted, serviceOf, type Wanted } from '../../../lib/logs/index.ts'

const entry = (more: Partial<Entry> = {}): Entry => ({
  time: '2026-11-27T02:15:54.000000000Z',
  host: 'app-1',
  container: 'api-blue-1',
  service: 'api',
  level: 'info',
  message: 'm',
  raw: 'Some Text',
  ...more,
})
const all: Wanted = { services: [], level: 'debug' }

test.each<[string, Partial<Wanted>, Partial<Entry>, boolean]>([
  ['all of it', {}, {}, true],
  ['its service', { services: ['api'] }, {}, true],
  ['its container', { services: ['api-blue-1'] }, {}, true],
  ['another service', { services: ['web'] }, {}, false],
  ['what is worse', { level: 'warning' }, { level: 'error' }, true],
  ['that level', { level: 'warning' }, { level: 'warning' }, true],
  ['only what is worse', { level: 'warning' }, { level: 'info' }, false],
  ['its request', { requestId: 'a' }, { requestId: 'a' }, true],
  ['another request', { requestId: 'a' }, { requestId: 'b' }, false],
  ['a request, and it has none', { requestId: 'a' }, {}, false],
  ['its text, capitals or not', { grep: 'some t' }, {}, true],
  ['another text', { grep: 'other' }, {}, false],
])('who wants %s', (_, wanted, of, expected) => {
  expect(isWanted(entry(of), { ...all, ...wanted })).toBe(expected)
})

test('by time, then by host and container', () => {
  const sorted = inOrder([
    entry({ time: '2', host: 'b' }),
    entry({ time: '2', host: 'a' }),
    entry({ time: '1', host: 'z' }),
  ])
  expect(sorted.map(({ host, time }) => `${time}${host}`)).toEqual(['1z', '2a', '2b'])
})

test.each([
  ['api-blue-1', 'api'],
  ['web-green-12', 'web'],
  ['my-app-blue-2', 'my-app'],
  ['postgres', 'postgres'],
  ['agentlab_api.2.k3j5h6g7f8d9s0a1q2w3e4r5t', 'api'],
  ['agentlab_nginx.zyxwvutsrqponmlkjihgfedcb.k3j5h6g7f8d9s0a1q2w3e4r5t', 'nginx'],
])('%s is of %s', (container, service) => {
  expect(serviceOf(container)).toBe(service)
})

test('what a host prints is read back by container, whatever the text', () => {
  const { read, script } = askLogs({ since: '1h', tail: 5 })
  const mark = /quayside-[0-9a-f]{16}/.exec(script.toString())?.[0]
  const text = `\n${mark} nginx\na\n\nb\n\n${mark} redis\n`
  expect([...read(text)]).toEqual([
    ['nginx', 'a\n\nb\n'],
    ['redis', ''],
  ])
})
