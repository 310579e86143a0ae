import { describe, expect, test } from 'vitest'
import type { Base } from '../../../lib/backup/base/base.ts'
import { pointsOf } from '../../../lib/backup/base/take.ts'
import { chooseBase, refuseFuture, surelyNeeded } from '../../../lib/backup/pitr/choose.ts'
import { momentIn } from '../../../lib/backup/pitr/moment.ts'
import { standingOf } from '../../../lib/backup/pitr/scratch.ts'
import { readRecoveryTime } from '../../../lib/backup/pitr/time.ts'
import { needsMore } from '../../../lib/backup/pitr/up-to-now.ts'
import { walKey } from '../../../lib/backup/wal/archive.ts'
import { chainFrom } from '../../../lib/backup/wal/chain.ts'
import { parseHistory } from '../../../lib/backup/wal/history.ts'
import { historyName, lsnOf, nameOf, segmentAt, segmentOf, timelineOf } from '../../../lib/backup/wal/name.ts'
import { archiverStatus, type Span, walLines } from '../../../lib/backup/wal/status.ts'

const mb16 = 16 * 1024 * 1024
const gb1 = 1024 ** 3

describe('names of segments', () => {
  test.each([
    // timeline, place in the log, size of a segment → name, as pg_walfile_name gives it
    [1, '0/1000000', mb16, '000000010000000000000001'],
    [1, '0/1FFFFFF', mb16, '000000010000000000000001'],
    [1, '0/FF000000', mb16, '0000000100000000000000FF'],
    [1, '1/0', mb16, '000000010000000100000000'],
    [26, 'A1/B374D848', mb16, '0000001A000000A1000000B3'],
    [1, '1/40000000', gb1, '000000010000000100000001'],
    [1, '0/C0000000', gb1, '000000010000000000000003'],
  ])('timeline %i, %s', (timeline, lsn, bytes, name) => {
    const segment = segmentAt(timeline, lsnOf(lsn), bytes)
    expect(nameOf(segment, bytes)).toBe(name)
    expect(segmentOf(name, bytes)).toEqual(segment)
  })

  test.each([
    '00000002.history',
    '000000010000000000000001.partial',
    '000000010000000000000002.00000028.backup',
    '',
  ])('%j is none', (name) => {
    expect(segmentOf(name, mb16)).toBeUndefined()
  })

  test('histories', () => {
    expect(timelineOf('0000001A.history')).toBe(26)
    expect(timelineOf('000000010000000000000001')).toBeUndefined()
    expect(historyName(26)).toBe('0000001A.history')
    expect(parseHistory('1\t0/3000158\tbefore 2026-11-25\n\n2\t1/0\tno recovery target specified\n')).toEqual(
      [
        { timeline: 1, lsn: 0x3000158 },
        { timeline: 2, lsn: 2 ** 32 },
      ],
    )
    expect(() => parseHistory('<html>')).toThrow("not a line of a timeline's history")
    expect(() => lsnOf('0-3000158')).toThrow('not a place in the log')
  })

  test('where they are in the store', () => {
    expect(walKey('lab', '77', '00000001000000000000000A')).toBe(
      'lab/wal/77/00000001/00000001000000000000000A.zst.age',
    )
    expect(walKey('lab', '77', '00000002.history')).toBe('lab/wal/77/00000002/00000002.history.age')
  })
})

describe('the chain from a base backup', () => {
  const on = (timeline: number, ...numbers: readonly number[]) =>
    numbers.map((number) => nameOf({ timeline, number }, mb16))
  const start = { timeline: 1, lsn: 3 * mb16 + 40, segmentBytes: mb16 }
  const none = new Map()

  test('goes up to the newest segment, and knows nothing of what was before', () => {
    const names = [...on(1, 1, 2, 5, 4, 3), '000000010000000000000003.00000028.backup']
    expect(chainFrom(start, names, none)).toEqual({
      timeline: 1,
      segments: on(1, 3, 4, 5),
      gaps: [],
      beyond: 0,
    })
  })

  test('over the end of a log file of 4 GB', () => {
    const last = { ...start, lsn: 255 * mb16 }
    const names = ['0000000100000000000000FF', '000000010000000100000000']
    expect(chainFrom(last, names, none).segments).toEqual(names)
  })

  test.each<[string, number[], number[], [number, number, number][], number]>([
    ['nothing was archived', [], [], [], 0],
    ['the first is missing', [4, 5], [], [[3, 3, 1]], 2],
    ['one is missing', [3, 4, 6], [3, 4], [[5, 5, 1]], 1],
    [
      'several are, twice',
      [3, 6, 7, 9],
      [3],
      [
        [4, 5, 2],
        [8, 8, 1],
      ],
      3,
    ],
  ])('%s', (_, there, segments, gaps, beyond) => {
    const names = gaps.map(([first, last, count]) => ({
      first: on(1, first)[0],
      last: on(1, last)[0],
      count,
    }))
    expect(chainFrom(start, on(1, ...there), none)).toEqual({
      timeline: 1,
      segments: on(1, ...segments),
      gaps: names,
      beyond,
    })
  })

  test('changes to a timeline that descends from it, in the segment of the switch', () => {
    const histories = new Map([[2, [{ timeline: 1, lsn: 5 * mb16 + 700 }]]])
    const names = [...on(1, 3, 4, 5, 6, 7), ...on(2, 5, 6)]
    expect(chainFrom(start, names, histories)).toEqual({
      timeline: 2,
      segments: [...on(1, 3, 4), ...on(2, 5, 6)],
      gaps: [],
      beyond: 0,
    })
  })

  test('but not to one that left before the base backup', () => {
    const histories = new Map([[2, [{ timeline: 1, lsn: 2 * mb16 }]]])
    expect(chainFrom(start, [...on(1, 3, 4), ...on(2, 2, 3, 4, 5)], histories)).toMatchObject({
      timeline: 1,
      segments: on(1, 3, 4),
    })
  })

  test('over two switches', () => {
    const histories = new Map([
      [2, [{ timeline: 1, lsn: 4 * mb16 }]],
      [
        3,
        [
          { timeline: 1, lsn: 4 * mb16 },
          { timeline: 2, lsn: 6 * mb16 + 1 },
        ],
      ],
    ])
    const names = [...on(1, 3), ...on(2, 4, 5, 6), ...on(3, 6, 7)]
    expect(chainFrom(start, names, histories).segments).toEqual([...on(1, 3), ...on(2, 4, 5), ...on(3, 6, 7)])
  })
})

describe('what a recovery to a time begins with', () => {
  const base = (id: string, endedAt: string): Base => ({ id, endedAt }) as Base
  const bases = [
    base('c', '2026-11-25T12:00:00Z'),
    base('b', '2026-11-25T10:00:00Z'),
    base('a', '2026-11-24T10:00:00Z'),
  ]

  test.each([
    ['latest' as const, 'c'],
    [new Date('2026-11-25T12:00:00Z'), 'c'],
    [new Date('2026-11-25T11:59:59.999Z'), 'b'],
    [new Date('2026-11-24T10:00:01Z'), 'a'],
  ])('%s', (at, id) => {
    expect(chooseBase(bases, at).id).toBe(id)
  })

  test('not from before there was one, and not to what has not come', () => {
    expect(() => chooseBase(bases, new Date('2026-11-24T09:00:00Z'))).toThrow(
      'no base backup is as old as 2026-11-24T09:00:00.000Z: recovery can go back to 2026-11-24T10:00:00Z',
    )
    expect(() => chooseBase([], 'latest')).toThrow('there is no base backup')
    const now = new Date('2026-11-25T12:00:00Z')
    expect(() => refuseFuture(new Date('2026-11-25T12:00:01Z'), now)).toThrow('has not come yet')
    refuseFuture(now, now)
    refuseFuture('latest', now)
  })

  test('segments: those up to the second that was stored after that time', () => {
    const segments = ['1', '2', '3', '4', '5']
    const files = new Map(
      segments.map((key, index) => [
        key,
        { key, size: 1, modified: new Date(`2026-11-25T10:0${index}:00Z`) },
      ]),
    )
    const chain = { timeline: 1, segments, gaps: [], beyond: 0 }
    const at = (time: string) => surelyNeeded(chain, files, new Date(`2026-11-25T${time}Z`))
    expect(at('09:00:00')).toBe(2)
    expect(at('10:01:30')).toBe(4)
    expect(at('10:03:30')).toBe(5)
    expect(at('11:00:00')).toBe(5)
    expect(surelyNeeded(chain, files, 'latest')).toBe(5)
  })
})

test('the history file of a backup tells what log it needs', () => {
  const file = `START WAL LOCATION: 0/7000028 (file 000000010000000000000007)
STOP WAL LOCATION: 0/7000100 (file 000000010000000000000007)
CHECKPOINT LOCATION: 0/7000060
BACKUP METHOD: streamed
BACKUP FROM: primary
START TIME: 2026-11-25 10:33:54 UTC
LABEL: quayside 20261125T103353Z-3e673e
START TIMELINE: 3
STOP TIME: 2026-11-25 10:33:57 UTC
STOP TIMELINE: 3
`
  expect(pointsOf(file)).toEqual({ timeline: 3, start: '0/7000028', stop: '0/7000100' })
  expect(pointsOf(file.replace(/^STOP WAL.*\n/m, ''))).toBeUndefined()
})

test.each([
  ['', { kind: 'recovering' }],
  ['up=2026-11-25T10:34:24.096429Z\n', { kind: 'up', reached: '2026-11-25T10:34:24.096429Z' }],
  ['up=\n', { kind: 'up', reached: undefined }],
  [
    'ended\n… FATAL:  recovery ended before configured recovery target was reached\n… LOG: shut down\n',
    { kind: 'short' },
  ],
  [
    'ended\n… FATAL:  could not locate a valid checkpoint record\n',
    { kind: 'ended', said: '… FATAL:  could not locate a valid checkpoint record' },
  ],
])('how a scratch server stands: %j', (stdout, standing) => {
  expect(standingOf(stdout)).toEqual(standing)
})

describe('how it stands', () => {
  const text = `system=77
at=1795603480
last=00000001000000000000000D
last_at=1795603465
queue=2
queue_bytes=33554432
lag=61
gaps=1
failing=1
`
  test('with an archiver in trouble, and base backups of which one is of no use', () => {
    const archiver = archiverStatus('db-1', text)
    const spans = [
      { base: 'b', system: '77', from: '2026-11-25T10:00:00Z', to: undefined, segments: 0, gaps: [] },
      {
        base: 'a',
        system: '76',
        from: '2026-11-24T10:00:00Z',
        to: '2026-11-25T09:00:00.000Z',
        segments: 812,
        gaps: [
          { first: '000000010000000000000007', last: '000000010000000000000007', count: 1 },
          { first: '000000010000000000000009', last: '00000001000000000000000B', count: 3 },
        ],
      },
    ]
    expect(walLines({ archiver, spans }, new Date(1795603780_000))).toEqual([
      'db-1: last shipped 00000001000000000000000D, 2026-11-25T10:44:25.000Z',
      '  waiting: 32 MiB, the oldest for 61 s',
      '  it has not been heard of for 300 s: systemctl status quayside-wal',
      '  S3 does not take what it ships: journalctl -u quayside-wal',
      '  it gave up 1 segments: take a base backup now (backup.ts base)',
      '',
      'base backup b: of no use, its log is not there',
      'base backup a: from 2026-11-24T10:00:00Z to 2026-11-25T09:00:00.000Z, over 812 segments',
      '  missing: 000000010000000000000007',
      '  missing: 000000010000000000000009 to 00000001000000000000000B, 3 segments',
    ])
  })

  test('a server that was begun anew is told to be without a base backup of its own', () => {
    const archiver = archiverStatus('db-1', text.replace('system=77', 'system=78'))
    const of77 = { base: 'b', system: '77', from: '', to: undefined, segments: 0, gaps: [] }
    const unbased = '  no base backup is of this server: no recovery gets to what it ships (backup.ts base)'
    expect(walLines({ archiver, spans: [of77] }, new Date())).toContain(unbased)
    expect(walLines({ archiver, spans: [{ ...of77, system: '78' }, of77] }, new Date())).not.toContain(
      unbased,
    )
  })

  test('without either', () => {
    expect(archiverStatus('db-1', '')).toBeUndefined()
    expect(walLines({ archiver: undefined, spans: [] }, new Date())).toEqual([
      'no archiver: postgres_archive is not set, or site.ts has not run since',
      '',
      'no base backup: recovery to a point in time cannot be had (backup.ts base)',
    ])
  })
})

describe('a moment on the command line', () => {
  test.each([
    ['2026-11-23T10:15:00Z', '2026-11-23T10:15:00.000Z'],
    ['2026-11-23T10:15Z', '2026-11-23T10:15:00.000Z'],
    ['2026-11-23T10:15:00.25+01:00', '2026-11-23T09:15:00.250Z'],
    ['2026-11-23T00:15:00+0130', '2026-11-22T22:45:00.000Z'],
    ['2026-11-23T23:15:00-05', '2026-11-24T04:15:00.000Z'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
  ])('%s', (text, at) => {
    expect(readRecoveryTime(text)).toEqual(new Date(at))
  })

  test.each<[string, RegExp]>([
    ['2026-11-23T10:15:00', /in which zone/],
    ['2026-11-23', /not "2026-11-23"/],
    ['2026-02-29T00:00:00Z', /no such day/],
    ['2026-11-23T25:00:00Z', /no such day or time/],
    ['1763893000', /takes a moment/],
    ['Latest', /takes a moment/],
  ])('%s is refused', (text, said) => {
    expect(() => readRecoveryTime(text)).toThrow(said)
  })

  test('needs the live server while not all of then is sure to be archived', () => {
    const until = new Date('2026-11-23T10:15:00Z')
    expect(needsMore({ until }, 'latest')).toBe(true)
    expect(needsMore({ until }, new Date('2026-11-23T10:16:00Z'))).toBe(true)
    expect(needsMore({ until }, new Date('2026-11-23T10:14:50Z'))).toBe(true)
    expect(needsMore({ until }, new Date('2026-11-23T09:15:00Z'))).toBe(false)
  })
})

describe('a moment by chance', () => {
  const span = (from: number, to: number | undefined, base = `b${from}`): Span => ({
    base,
    system: '77',
    from: new Date(from * 1000).toISOString(),
    to: to === undefined ? undefined : new Date(to * 1000).toISOString(),
    segments: 1,
    gaps: [],
  })
  // from 300 the base backup of then counts, whose log ends at 400; nothing covers 200 to 300
  const spans = [span(300, 400), span(500, undefined), span(100, 200)]

  test.each([
    [0, 300],
    [0.25, 350],
    [0.5, 100],
    [0.995, 199],
  ])('%d of what is covered', (share, at) => {
    expect(momentIn(spans, share)).toEqual(new Date(at * 1000))
  })

  test('an older log is of no use to a newer base backup', () => {
    expect(momentIn([span(100, 900), span(300, 400)], 0.999).getTime()).toBeLessThan(300_000)
  })

  test('a base backup alone is a moment', () => {
    expect(momentIn([span(300, 300)], 0.7)).toEqual(new Date(300_000))
    expect(() => momentIn([span(300, undefined)], 0.7)).toThrow('no time that a recovery could go to')
  })
})
