import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { QuaysideError } from '../../../lib/error.ts'
import { html } from '../../../lib/report/page/markup.ts'
import { page } from '../../../lib/report/page/page.ts'
import { verdictOf } from '../../../lib/report/verdict.ts'
import { everyEvent } from './sample-events.ts'
import { recorded, sampleRun, tally } from './sample-run.ts'

const between = (text: string, start: string, end: string) => text.split(start)[1]?.split(end)[0] ?? ''

test('it loads nothing: the policy allows its own style and script alone, by their hashes', () => {
  const text = page(recorded(sampleRun(5)))
  const policy = between(text, 'Content-Security-Policy" content="', '">').replaceAll('&#39;', "'")
  const hash = (source: string) => `'sha256-${createHash('sha256').update(source).digest('base64')}'`
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain(`style-src ${hash(between(text, '<style>', '</style>'))}`)
  expect(policy).toContain(`script-src ${hash(between(text, '<script>', '</script>'))}`)
  expect(text).not.toMatch(/\b(src|href)=|https?:|@import|url\(/)
})

test('whatever a name holds is text', () => {
  const evil = `"><script>alert(1)</script><img onerror='x'>&amp;`
  const error = new QuaysideError(evil, { hint: evil })
  const text = page(
    recorded([
      [0, { ...everyEvent.run, playbook: evil, env: evil }],
      [1, { ...everyEvent.note, text: evil }],
      [2, { ...everyEvent.step, text: evil }],
      [
        3,
        {
          ...everyEvent.resource,
          host: evil,
          role: evil,
          id: evil,
          summary: evil,
          diff: `+${evil}`,
          delegate: evil,
        },
      ],
      [4, { type: 'host-failed', host: evil, unreachable: true, error }],
      [5, { ...everyEvent['play-stopped'], hosts: evil, why: evil, left: [evil] }],
      [6, { type: 'run-failed', interrupted: false, error }],
      [7, { type: 'recap', ms: 7, tallies: [tally(evil, { state: 'failed' })] }],
    ]),
  )
  expect(text.match(/<script/g)).toHaveLength(1)
  expect(text).not.toContain('<img')
  expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  expect(html`<b title="${'"\'<&'}">${['<', html`<i>${'>'}</i>`]}</b>`.text).toBe(
    '<b title="&quot;&#39;&lt;&amp;">&lt;<i>&gt;</i></b>',
  )
})

test('what was the same on many hosts stands once, so 200 hosts make a page that opens at once', () => {
  const text = page(recorded(sampleRun(200)))
  expect(text.match(/class="entry"/g)).toHaveLength(5)
  expect(text.match(/class="row"/g)).toHaveLength(200)
  expect(text.length).toBeLessThan(1_000_000)
})

test.each([
  [{}, [tally('a'), tally('b')], 'ok', 'Everything is as it should be'],
  [{}, [tally('a', { changed: 1 })], 'changed', 'Done: 1 change made'],
  [{ check: true }, [tally('a', { pending: 2 })], 'pending', '2 changes pending; nothing was changed'],
  [
    {},
    [tally('a', { state: 'failed' }), tally('b', { state: 'left-out' })],
    'failed',
    '1 of 2 hosts failed, 1 left out',
  ],
  [
    { ended: { interrupted: true, error: new Error('x') } },
    [tally('a')],
    'interrupted',
    'Interrupted: stopped before its end',
  ],
  [{ ended: { interrupted: false, error: new Error('x') } }, [tally('a')], 'failed', 'The run failed'],
] as const)('the verdict of %j', (rest, tallies, state, text) => {
  expect(verdictOf({ ...recorded([]), ...rest, tallies: [...tallies] })).toEqual({ state, text })
})
