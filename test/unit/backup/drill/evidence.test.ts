import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import type { Base } from '../../../../lib/backup/base/base.ts'
import { rpo, rto } from '../../../../lib/backup/drill/drill.ts'
import { evidenceSchema, evidenceText, type StepRecord } from '../../../../lib/backup/drill/evidence.ts'
import { page, span, verdictOf } from '../../../../lib/backup/drill/page.ts'
import { recoverySteps } from '../../../../lib/backup/drill/recovery.ts'
import { judgeReached } from '../../../../lib/backup/drill/to-time.ts'
import { failedDrill, passedDrill, passedRecovery } from './sample.ts'

const published = fileURLToPath(new URL('../../../../docs/schemas/drill.schema.json', import.meta.url))

test('the published schema is the one in force, and takes evidence of all kinds', () => {
  expect(readFileSync(published, 'utf8')).toBe(evidenceText())
  const check = new Ajv({ strict: true }).compile(evidenceSchema)
  for (const each of [failedDrill, passedDrill, passedRecovery])
    expect([check(each), check.errors]).toEqual([true, null])
  expect(check({ ...failedDrill, ok: 'yes' })).toBe(false)
})

test.each([
  ['2026-11-25T10:00:00.000Z', '2026-11-25T10:00:41.250Z', 41.3],
  ['2026-11-24T10:00:00Z', '2026-11-25T10:00:00Z', 86_400],
  ['2026-11-25T10:00:05Z', '2026-11-25T10:00:00Z', 0], // clocks that differ
])('RPO of a snapshot of %s at %s is %s s', (snapshot, now, seconds) => {
  expect(rpo(snapshot, new Date(now))).toBe(seconds)
})

describe('RTO', () => {
  const record = (id: string, ms: number, outcome: StepRecord['outcome'] = 'ok'): StepRecord => ({
    id,
    title: id,
    outcome,
    text: '',
    problems: [],
    start: 0,
    ms,
  })
  const all = recoverySteps.map((id) => record(id, 1000))

  test('is what the steps of a recovery took; the proofs between them are not its', () => {
    const records = [...all, record('amcheck', 90_000), record('vectors', 5000)]
    expect(rto({ records })).toEqual({ rtoSeconds: recoverySteps.length })
  })

  test('counts no app where no release is known', () => {
    const records = all.map((each) => (each.id === 'app' ? record('app', 0, 'skipped') : each))
    expect(rto({ records })).toEqual({ rtoSeconds: recoverySteps.length - 1 })
  })

  test.each(['failed', 'not-run'] as const)('is not known where a step %s', (outcome) => {
    const records = all.map((each) => (each.id === 'restore' ? record('restore', 1000, outcome) : each))
    expect(rto({ records })).toEqual({})
  })

  test('is known where a proof alone failed', () => {
    expect(rto({ records: [...all, record('amcheck', 10, 'failed')] })).toHaveProperty('rtoSeconds')
  })
})

describe('a recovery to a time', () => {
  const at = new Date('2026-11-25T10:00:00Z')
  const [before, after] = ['2026-11-25T09:59:00Z', '2026-11-25T10:00:01Z']
  const base = { endedAt: '2026-11-25T08:00:00Z' } as Base
  const cases: [string, { whole: boolean; reached?: string }, string, RegExp[]][] = [
    ['ends before it', { whole: true, reached: before }, after, []],
    ['has nothing since the base backup', { whole: false }, after, []],
    ['is of a server that was quiet from then on', { whole: false, reached: before }, after, []],
    ['goes further', { whole: true, reached: after }, after, [/is later than/]],
    ['lacks the last minute', { whole: false, reached: before }, before, [/the archive ends at .*09:59/]],
  ]
  test.each(cases)('%s', (_, { whole, reached }, safeUntil, said) => {
    const { problems = [] } = judgeReached({ whole, reached, base }, at, safeUntil)
    expect(problems).toEqual(said.map((each) => expect.stringMatching(each)))
  })
})

describe('the page', () => {
  test('says what failed, and takes no name for markup', () => {
    const html = page(failedDrill)
    expect(html).toContain('data-verdict="failed"')
    expect(html).toContain(
      '<h1><span class="dot failed" aria-hidden="true"></span>The drill failed: not true that every table is as it was</h1>',
    )
    expect(html).not.toContain('<script')
    expect(html).toContain('public.&lt;script&gt;alert(1)&lt;/script&gt;')
    // What differs stands first.
    expect(html.indexOf('data-equal="false"')).toBeLessThan(html.indexOf('data-equal="true"'))
  })

  test('of a drill that passed has its figures', () => {
    const html = page(passedDrill)
    expect(html).toContain('The backup restores')
    expect(html).toMatch(/RPO\)<\/dt><dd>75 min<.*RTO\)<\/dt><dd>75 s</)
    expect(html).toContain('98.5 %')
  })

  test('of a recovery says up to when, and counts no tables that nothing is held against', () => {
    const html = page(passedRecovery)
    expect(html).toContain('The point in time can be had')
    expect(html).toMatch(/<dt>recovered to<\/dt><dd>2026-11-25 10:00:00 UTC</)
    expect(html).toMatch(/<dt>last transaction<\/dt><dd>2026-11-25 09:59:58 UTC</)
    expect(html).not.toContain('tables as they were')
  })

  test('loads nothing', () => {
    const html = page(failedDrill)
    expect(html).toContain(`content="default-src &#39;none&#39;; style-src &#39;sha256-`)
    expect(html).not.toMatch(/(?:src|href)=/)
  })
})

test.each([
  [4.25, '4.3 s'],
  [75.2, '75 s'],
  [4500, '75 min'],
  [12_600, '3.5 h'],
  [200_000, '2.3 days'],
])('%s seconds are %s', (seconds, text) => {
  expect(span(seconds)).toBe(text)
})

test('a verdict counts the steps that failed', () => {
  const two = failedDrill.steps.map((each) => ({ ...each, outcome: 'failed' as const })).slice(0, 2)
  expect(verdictOf({ ok: false, steps: two })).toBe('The drill failed in 2 steps')
})
