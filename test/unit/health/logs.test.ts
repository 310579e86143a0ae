import { expect, test } from 'vitest'
import { judgeCollector } from '../../../roles/log-collector/checks.ts'
import { judgeStore } from '../../../roles/log-store/checks.ts'

const now = Date.parse('2026-11-27T02:00:00Z')
const good = 'notAfter=Dec 28 05:00:00 2027 GMT\n'

test.each([
  ['sends', `active\n${good}`, 'ok', 'the collector sends, its certificate is good for 396 days'],
  ['has a few lines to send', `active\nqueue=12\n${good}`, 'ok', 'the collector sends'],
  ['has many', `active\nqueue=14798\n${good}`, 'warning', '14798 lines wait for the store'],
  ['is down', `inactive\n${good}`, 'failed', 'the collector is inactive'],
  ['is not there', `inactive\nCould not open file\n`, 'failed', 'the collector is inactive'],
  ['has no certificate', 'active\nCould not open file\n', 'failed', 'its certificate cannot be read'],
  ['has an old one', 'active\nnotAfter=Dec 10 05:00:00 2026 GMT\n', 'warning', 'good for 13 days'],
  [
    'has one that ends',
    'active\nqueue=9999\nnotAfter=Nov 28 05:00:00 2026 GMT\n',
    'failed',
    'good for 1 days',
  ],
] as const)('a collector that %s', (_, stdout, verdict, seen) => {
  expect(judgeCollector(stdout, now)).toMatchObject({ verdict, seen: expect.stringContaining(seen) })
})

test('a store that takes, and one that a full disk stopped', () => {
  expect(judgeStore(`active\n${good}`, now)).toMatchObject({ verdict: 'ok', daysLeft: 396 })
  expect(judgeStore(`inactive\n${good}`, now)).toMatchObject({
    verdict: 'failed',
    seen: 'the store is inactive',
  })
})
