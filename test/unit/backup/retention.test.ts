import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { periodOf } from '../../../lib/backup/period.ts'
import { type Held, judgeBackups } from '../../../lib/backup/retention.ts'
import type { Keep } from '../../../lib/backup/settings.ts'

const now = new Date('2026-11-25T12:00:00Z')

/** A backup by when it was taken; `?` behind it: unfinished; `!`: restored by a drill; `#`: locked. */
function held(text: string): Held {
  const [, at = '', marks = ''] = /^([^?!#]+)(.*)$/.exec(text) ?? []
  return {
    id: at,
    at: new Date(at.length === 10 ? `${at}T02:00:00Z` : `${at}Z`),
    complete: !marks.includes('?'),
    verified: marks.includes('!'),
    ...(marks.includes('#') ? { held: 'locked' } : {}),
  }
}

const kept = (backups: readonly string[], keep: Keep) =>
  Object.fromEntries(
    judgeBackups(backups.map(held), keep, now)
      .filter(({ reasons }) => reasons.length > 0)
      .map(({ backup, reasons }) => [backup.id, reasons.join(', ')]),
  )

describe('the spans of the calendar', () => {
  // ISO weeks as `date -u -d … +%G-W%V` has them.
  test.each([
    ['2026-11-25T00:00:00Z', '2026-W48'],
    ['2026-11-29T23:59:59Z', '2026-W48'],
    ['2026-11-30T00:00:00Z', '2026-W49'],
    ['2026-01-01T00:00:00Z', '2026-W01'],
    ['2025-12-28T12:00:00Z', '2025-W52'],
    ['2025-12-29T00:00:00Z', '2026-W01'],
    ['2027-01-01T00:00:00Z', '2026-W53'],
    ['2027-01-03T23:59:59Z', '2026-W53'],
    ['2027-01-04T00:00:00Z', '2027-W01'],
    ['2021-01-03T00:00:00Z', '2020-W53'],
    ['2024-12-30T00:00:00Z', '2025-W01'],
    ['2024-02-29T10:00:00Z', '2024-W09'],
  ])('%s is in %s', (at, week) => expect(periodOf('weekly', new Date(at))).toBe(week))

  test('a day, a month and a year are those of UTC', () => {
    const at = new Date('2026-12-31T23:30:00-03:00')
    expect([periodOf('daily', at), periodOf('monthly', at), periodOf('yearly', at)]).toEqual([
      '2027-01-01',
      '2027-01',
      '2027',
    ])
  })
})

describe('which backups stay', () => {
  const cases: readonly (readonly [string, Keep, readonly string[], Record<string, string>])[] = [
    [
      'the last ones',
      { last: 2 },
      ['2026-11-25', '2026-11-24', '2026-11-23'],
      { '2026-11-25': 'newest, last 1', '2026-11-24': 'last 2' },
    ],
    [
      'the newest of each day',
      { daily: 2 },
      ['2026-11-24T23:00:00', '2026-11-24T01:00:00', '2026-11-23T23:59:59', '2026-11-22T02:00:00'],
      { '2026-11-24T23:00:00': 'newest, daily 2026-11-24', '2026-11-23T23:59:59': 'daily 2026-11-23' },
    ],
    [
      'days, weeks and months that have none count for nothing',
      { daily: 2, monthly: 3 },
      ['2026-11-20', '2026-11-10', '2026-08-31', '2026-08-01', '2025-01-15'],
      {
        '2026-11-20': 'newest, daily 2026-11-20, monthly 2026-11',
        '2026-11-10': 'daily 2026-11-10',
        '2026-08-31': 'monthly 2026-08',
        '2025-01-15': 'monthly 2025-01',
      },
    ],
    [
      'weeks that go over the turn of a year',
      { weekly: 3, yearly: 2 },
      ['2027-01-04', '2027-01-03', '2026-12-28', '2026-12-27'],
      {
        '2027-01-04': 'newest, weekly 2027-W01, yearly 2027',
        '2027-01-03': 'weekly 2026-W53',
        '2026-12-28': 'yearly 2026',
        '2026-12-27': 'weekly 2026-W52',
      },
    ],
    [
      'the newest that a drill restored, however old',
      { last: 1 },
      ['2026-11-25', '2026-11-24', '2026-03-01!', '2026-02-01!'],
      { '2026-11-25': 'newest, last 1', '2026-03-01': 'newest that a drill restored' },
    ],
    [
      'the newest, where the calendar would not have it',
      { yearly: 1, last: 0 },
      ['2026-11-25?', '2026-11-20'],
      { '2026-11-25': 'unfinished: a run may be at it', '2026-11-20': 'newest, yearly 2026' },
    ],
    [
      'an unfinished one is no backup: it neither counts nor stays for long',
      { last: 1, daily: 1 },
      ['2026-11-25T11:00:00?', '2026-11-24T11:59:59?', '2026-11-23', '2026-11-22?!', '2026-11-21'],
      {
        '2026-11-25T11:00:00': 'unfinished: a run may be at it',
        '2026-11-23': 'newest, last 1, daily 2026-11-23',
      },
    ],
    [
      'one whose name is of the future may still be in the making',
      { last: 1 },
      ['2026-11-27?', '2026-11-25'],
      { '2026-11-27': 'unfinished: a run may be at it', '2026-11-25': 'newest, last 1' },
    ],
    [
      'unfinished ones, where there is no other',
      { last: 1 },
      ['2026-11-20?', '2026-11-19?'],
      { '2026-11-20': 'no backup is complete yet', '2026-11-19': 'no backup is complete yet' },
    ],
    [
      'what is locked',
      { last: 1 },
      ['2026-11-25', '2026-11-24#', '2026-11-23', '2026-11-22?#'],
      { '2026-11-25': 'newest, last 1', '2026-11-24': 'locked', '2026-11-22': 'locked' },
    ],
    ['none, where there is none', { last: 1 }, [], {}],
  ]
  test.each(cases)('%s', (_, keep, backups, expected) => {
    expect(kept(backups, keep)).toEqual(expected)
    expect(kept([...backups].reverse(), keep)).toEqual(expected)
  })

  test('two years of a backup each night', () => {
    const nights = Array.from({ length: 730 }, (_, day) =>
      new Date(Date.UTC(2026, 10, 25 - day, 2)).toISOString().slice(0, 10),
    )
    const keep = { last: 3, daily: 7, weekly: 4, monthly: 12, yearly: 5 }
    expect(Object.keys(kept(nights, keep))).toEqual([
      ...['2026-11-25', '2026-11-24', '2026-11-23', '2026-11-22', '2026-11-21', '2026-11-20', '2026-11-19'],
      ...['2026-11-15', '2026-11-08', '2026-10-31', '2026-09-30', '2026-08-31', '2026-07-31', '2026-06-30'],
      ...['2026-05-31', '2026-04-30', '2026-03-31', '2026-02-28', '2026-01-31', '2025-12-31', '2024-12-31'],
    ])
  })

  test.each([{}, { last: 0 }, { last: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 }])(
    'nothing is decided by %o, which keeps nothing',
    (keep) => {
      expect(() => judgeBackups([held('2026-11-25')], keep, now)).toThrow('keeps nothing')
    },
  )
})

describe('whatever there is and whatever is to be kept', () => {
  const count = fc.nat({ max: 6 })
  const keeps = fc
    .record({ last: count, daily: count, weekly: count, monthly: count, yearly: count })
    .filter((keep) => Object.values(keep).some((each) => each > 0))
  const backups = fc.uniqueArray(
    fc.record({
      id: fc.nat().map(String),
      // Close together, so that many are of one day, one week, one year.
      at: fc.nat({ max: 800 * 24 }).map((hours) => new Date(now.getTime() + (12 - hours) * 3_600_000)),
      complete: fc.boolean(),
      verified: fc.boolean(),
      held: fc.constantFrom(undefined, 'locked'),
    }),
    { maxLength: 60, selector: (each) => each.id },
  )
  const given = backups.map((all): Held[] =>
    all.map(({ held: lock, ...each }) => ({ ...each, ...(lock === undefined ? {} : { held: lock }) })),
  )
  const staying = (all: readonly Held[], keep: Keep) =>
    judgeBackups(all, keep, now)
      .filter(({ reasons }) => reasons.length > 0)
      .map(({ backup }) => backup)

  test('a store that has backups has some afterwards, the newest and the newest verified among them', () => {
    fc.assert(
      fc.property(given, keeps, (all, keep) => {
        const stay = staying(all, keep)
        if (all.length > 0) expect(stay.length).toBeGreaterThan(0)
        const time = (some: readonly Held[]) => Math.max(...some.map((each) => each.at.getTime()))
        const whole = (some: readonly Held[]) => some.filter((each) => each.complete)
        const proven = (some: readonly Held[]) => whole(some).filter((each) => each.verified)
        expect(time(whole(stay))).toBe(time(whole(all)))
        expect(time(proven(stay))).toBe(time(proven(all)))
      }),
    )
  })

  test('what stayed once stays again', () => {
    fc.assert(
      fc.property(given, keeps, (all, keep) => {
        const once = staying(all, keep)
        expect(staying(once, keep)).toEqual(once)
      }),
    )
  })

  test('who keeps more loses nothing by it', () => {
    fc.assert(
      fc.property(given, keeps, keeps, (all, keep, extra) => {
        const more: Keep = Object.fromEntries(
          (['last', 'daily', 'weekly', 'monthly', 'yearly'] as const).map((name) => [
            name,
            Math.max(keep[name], extra[name]),
          ]),
        )
        const stay = new Set(staying(all, more).map((each) => each.id))
        for (const each of staying(all, keep)) expect(stay).toContain(each.id)
      }),
    )
  })
})
