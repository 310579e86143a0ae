import { expect, test } from 'vitest'
import type { Event } from '../../../lib/engine/event.ts'
import { canBeLive } from '../../../lib/report/live.ts'
import { liveBlock, type Stage } from '../../../lib/report/live-block.ts'
import { advance, begin, type Progress } from '../../../lib/report/progress.ts'
import { Screen } from '../../../lib/report/screen.ts'
import { displayWidth } from '../../../lib/report/width.ts'
import { everyEvent } from './sample-events.ts'
import { Vt } from './vt.ts'

const after = (...timed: readonly (readonly [number, Event])[]): Progress =>
  timed.reduce((progress, [now, event]) => advance(progress, event, now), begin(0))
const stage = (rest: Partial<Stage> = {}): Stage => ({
  columns: 80,
  rows: 24,
  now: 10_000,
  paint: (_, text) => text,
  stopping: false,
  ...rest,
})
const play = (...on: string[]): Event => ({ type: 'play', hosts: 'all', on, roles: ['docker'] })
const applying = (host: string, id: string): Event => ({
  type: 'applying',
  host,
  role: 'docker',
  id,
  summary: 'install',
})

const busy = after(
  [0, everyEvent.run],
  [0, play('app-1', 'app-2', 'db-1', 'edge-1')],
  [4000, applying('app-1', 'packages docker.io')],
  [1000, { type: 'connecting', host: 'db-1' }],
  [9000, { type: 'played', host: 'app-2' }],
  [9000, { ...everyEvent['host-failed'], host: 'edge-1' }],
)

test('busy hosts stand below each other, the longest at it first, then what is done', () => {
  expect(liveBlock(busy, stage())).toEqual([
    '  db-1       9.0s  connecting',
    '  app-1      6.0s  packages docker.io: install',
    '⠋ docker on all  10.0s  1 done  1 failed  2 left',
  ])
})

test('what a host is at goes on with its events, and is gone when it is done', () => {
  const on = (host: string) => (progress: Progress) => progress.doing.get(host)?.what
  const steps: readonly (readonly [Event, string | undefined])[] = [
    [{ type: 'connecting', host: 'a' }, 'connecting'],
    [{ type: 'connected', host: 'a', ms: 1 }, 'looking at what is there'],
    [{ type: 'probed', host: 'a', count: 1, ms: 1 }, undefined],
    [play('a'), undefined],
    [applying('a', 'file /a'), 'file /a: install'],
    [{ ...everyEvent.retrying, host: 'a' }, 'file /a: again after try 1 of 3'],
    [{ ...everyEvent.resource, host: 'a' }, undefined],
    [applying('a', 'handler docker/restart'), 'handler docker/restart: install'],
    [{ ...everyEvent.handler, host: 'a' }, undefined],
  ]
  let progress = begin(0)
  for (const [event, what] of steps) {
    progress = advance(progress, event, 0)
    expect([event.type, on('a')(progress)]).toEqual([event.type, what])
  }
})

test('before the first play a host that was looked at is done; in a play only when the play is', () => {
  const looked = after([0, everyEvent.run], [0, everyEvent.connecting], [0, everyEvent.probed])
  expect(liveBlock(looked, stage())).toEqual(['⠋ looking at the hosts  10.0s  1 done'])
  const inPlay = advance(advance(looked, play('edge-1'), 0), everyEvent.probed, 0)
  expect(liveBlock(inPlay, stage())).toEqual(['⠋ docker on all  10.0s  0 done  1 left'])
})

test('nothing is shown before a run and after it', () => {
  expect(liveBlock(begin(0), stage())).toEqual([])
  expect(liveBlock(advance(busy, everyEvent.recap, 0), stage())).toEqual([])
})

test('a run that was told to stop says so', () => {
  expect(liveBlock(busy, stage({ stopping: true })).at(-1)).toContain('stopping after what runs now')
})

const crowd = after(
  [0, everyEvent.run],
  [0, play(...Array.from({ length: 60 }, (_, at) => `web-${at}`))],
  ...Array.from(
    { length: 60 },
    (_, at) => [at, applying(`web-${at}`, '日本語の長い名前 '.repeat(9))] as const,
  ),
)

test.each([1, 2, 3, 4, 5, 10, 24, 100])('in a terminal of %i rows the block leaves room', (rows) => {
  const block = liveBlock(crowd, stage({ rows }))
  expect(block.length).toBeLessThanOrEqual(Math.max(1, rows - 2))
  const shown = block.filter((line) => line.includes('web-')).length
  if (rows >= 4) expect(block.at(-2)).toBe(`  … and ${60 - shown} hosts more`)
})

test.each([3, 5, 12, 20, 40, 80, 200])('no line is wider than %i columns', (columns) => {
  for (const progress of [busy, crowd])
    for (const line of liveBlock(progress, stage({ columns })))
      expect(displayWidth(line)).toBeLessThan(columns)
})

test('on a narrow terminal the counts are kept, and long names are cut', () => {
  expect(liveBlock(busy, stage({ columns: 36 })).at(-1)).toBe('⠋ 10.0s 1 done 1 failed 2 left')
  expect(liveBlock(busy, stage({ columns: 30 }))[1]).toBe('  app-1      6.0s  packages…')
})

/** A screen on a terminal that is kept, with the number of writes. */
function on(vt: Vt) {
  const writes: string[] = []
  const terminal = {
    size: () => vt,
    write: (text: string) => {
      writes.push(text)
      vt.write(text)
    },
  }
  return { screen: new Screen(terminal), writes }
}

test('finished lines scroll up, the block stays below them and is overwritten', () => {
  const vt = new Vt(40, 6)
  const { screen, writes } = on(vt)
  screen.draw('', ['  a  1s', '* all'])
  screen.draw('first\n', ['  a  2s', '  b  0s', '* all'])
  expect(vt.text).toBe('first\n  a  2s\n  b  0s\n* all')
  expect(vt.cursorShown).toBe(false)
  screen.draw(Array.from({ length: 9 }, (_, at) => `line ${at}\n`).join(''), ['* all'])
  expect(vt.text).toBe(`first\n${Array.from({ length: 9 }, (_, at) => `line ${at}`).join('\n')}\n* all`)
  expect(writes).toHaveLength(3)
})

test('a block alone is never erased before it is drawn again, so it does not flicker', () => {
  const { screen, writes } = on(new Vt(40, 6))
  screen.draw('', ['one', 'two'])
  screen.draw('', ['one', 'two'])
  expect(writes[1]).toBe(
    '\u001b[?2026h\u001b[?25l\r\u001b[1A\u001b[?7lone\u001b[K\ntwo\u001b[K\u001b[?7h\u001b[J\u001b[?2026l',
  )
})

test('a finished line that the terminal wraps leaves nothing of the block behind', () => {
  const vt = new Vt(10, 8)
  const { screen } = on(vt)
  screen.draw('', ['xxxxxxxxx', 'xxxxxxxxx', 'xxxxxxxxx'])
  screen.draw('0123456789012\n', ['block'])
  expect(vt.text).toBe('0123456789\n012\nblock')
})

test('cleared, the screen is as if there had been no block, and the cursor is seen', () => {
  const vt = new Vt(40, 6)
  const { screen, writes } = on(vt)
  screen.draw('first\n', ['a', 'b'])
  screen.clear()
  expect([vt.text, vt.cursorShown]).toEqual(['first', true])
  screen.clear()
  expect(writes).toHaveLength(2)
})

test('a terminal that was made narrower has wrapped the block: all of it is overwritten', () => {
  const wide = new Vt(40, 8)
  const { screen } = on(wide)
  screen.draw('first\n', ['x'.repeat(30), 'y'.repeat(10)])
  const narrow = new Vt(15, 8)
  // What such a terminal shows after it has wrapped.
  narrow.write(`first\n${'x'.repeat(15)}\n${'x'.repeat(15)}\n${'y'.repeat(10)}`)
  Object.assign(wide, { columns: 15, write: (text: string) => narrow.write(text) })
  screen.draw('', ['z'])
  expect(narrow.text).toBe('first\nz')
})

test.each<[NodeJS.ProcessEnv, boolean, boolean]>([
  [{ TERM: 'xterm' }, true, true],
  [{ TERM: 'xterm' }, false, false],
  [{ TERM: 'dumb' }, true, false],
  [{}, true, false],
  [{ TERM: 'xterm', CI: 'true' }, true, false],
  [{ TERM: 'xterm', CI: '1' }, true, false],
  [{ TERM: 'xterm', CI: 'false' }, true, true],
  [{ TERM: 'xterm', CI: '' }, true, true],
])('with %j and a terminal: %s, a live view: %s', (env, isTTY, live) => {
  expect(canBeLive({ isTTY }, env)).toBe(live)
})
