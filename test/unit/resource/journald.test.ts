import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type JournaldSettings, journald } from '../../../lib/resource/index.ts'
import { applied, table } from './observe.ts'

const wish = journald({ SystemMaxUse: '500M', MaxRetentionSec: '1month', ForwardToSyslog: false })

/** The text as it is written, from the change that writes it. */
function written(): string {
  const script = applied(wish.plan({ stdout: 'standing=absent\n', stderr: '', code: 0 }))
  const encoded = /<<'_'\n([^_]*)\n_\n/.exec(script)?.[1] ?? ''
  return Buffer.from(encoded, 'base64').toString()
}
const same = `standing=81a4 root root 0 0\nsha256=${createHash('sha256').update(written()).digest('hex')}\n`

describe('what a probe of the journal shows becomes a plan', () => {
  table([
    { when: 'as wished', resource: wish, stdout: same, plan: 'unchanged' },
    {
      when: 'no drop-in',
      resource: wish,
      stdout: 'standing=absent\n',
      plan: 'change: create (mode 0644), restart',
    },
    {
      when: 'written by a run that ended before the restart',
      resource: wish,
      stdout: `${same}owed=yes\n`,
      plan: 'change: restart, which an earlier run still owes',
    },
    {
      when: 'no systemd',
      resource: wish,
      code: 3,
      stderr: 'this host does not run systemd\n',
      plan: 'unknown: this host does not run systemd',
    },
  ])

  test('the drop-in holds the settings as journald.conf has them', () => {
    expect(written()).toMatch(
      /^# Managed by .*\n\[Journal\]\nSystemMaxUse=500M\nMaxRetentionSec=1month\nForwardToSyslog=no\n$/,
    )
  })

  test('the restart is owed from before the file is there until it is done', () => {
    const script = applied(wish.plan({ stdout: 'standing=absent\n', stderr: '', code: 0 }))
    const order = [': >/run/quayside/journald', 'mv -fT', 'systemctl restart', 'rm -f /run/quayside/journald']
    const at = order.map((what) => script.indexOf(what))
    expect(at).toEqual([...at].sort((a, b) => a - b))
    expect(at).not.toContain(-1)
  })

  test.each(['0', '90', '90s', '2 weeks', '1d 12h', '1month'])('a time may be %s', (time) => {
    expect(() => journald({ MaxRetentionSec: time })).not.toThrow()
  })

  test.each([
    [{ SystemMaxUze: '1G' }, 'journald has no setting "SystemMaxUze"'],
    [{ toString: '1G' }, 'journald has no setting "toString"'],
    [{ SystemMaxUse: '1 GB' }, 'SystemMaxUse of journald must match'],
    [{ MaxRetentionSec: 'forever' }, 'MaxRetentionSec of journald must match'],
    [{ MaxFileSec: '1'.repeat(60).concat('x') }, 'MaxFileSec of journald must match'],
    [{ Storage: 'yes' }, 'Storage of journald must match'],
    [{ SystemMaxUse: '1G\nStorage=none' }, 'SystemMaxUse of journald must match'],
  ])('%j is refused', (settings, message) => {
    expect(() => journald(settings as JournaldSettings)).toThrow(message)
  })
})
