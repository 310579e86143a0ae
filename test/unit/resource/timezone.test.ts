import { describe, expect, test } from 'vitest'
import { Conflict, timezone } from '../../../lib/resource/index.ts'
import { look } from '../../lab/converge.ts'
import { applied, onThisMachine, table } from './observe.ts'

const berlin = timezone('Europe/Berlin')

describe('what a host has for its time zone becomes a plan', () => {
  table([
    {
      when: 'the link of Debian 13',
      resource: berlin,
      stdout: 'link=/usr/share/zoneinfo/Europe/Berlin\n',
      plan: 'unchanged',
    },
    {
      when: 'the link of timedatectl',
      resource: berlin,
      stdout: 'link=../usr/share/zoneinfo/Europe/Berlin\nnamed=Europe/Berlin\n',
      plan: 'unchanged',
    },
    {
      when: 'another zone',
      resource: berlin,
      stdout: 'link=/usr/share/zoneinfo/Etc/UTC\nnamed=Etc/UTC\n',
      plan: 'change: Etc/UTC → Europe/Berlin, /etc/timezone Etc/UTC → Europe/Berlin',
    },
    {
      when: 'only the name differs',
      resource: berlin,
      stdout: 'link=/usr/share/zoneinfo/Europe/Berlin\nnamed=Etc/UTC\n',
      plan: 'change: /etc/timezone Etc/UTC → Europe/Berlin',
    },
    {
      when: 'a copy',
      resource: berlin,
      stdout: 'other=file\n',
      plan: 'change: a file without a name → Europe/Berlin',
    },
    { when: 'none', resource: berlin, stdout: '', plan: 'change: none → Europe/Berlin' },
    {
      when: 'a link to elsewhere',
      resource: berlin,
      stdout: 'link=/etc/other\n',
      plan: 'change: /etc/other → Europe/Berlin',
    },
  ])

  test('a directory is a conflict', () => {
    expect(() => berlin.plan({ stdout: 'other=directory\n', stderr: '', code: 0 })).toThrow(Conflict)
  })

  test('/etc/timezone is written where there is one, and not made', () => {
    const script = (stdout: string) => applied(berlin.plan({ stdout, stderr: '', code: 0 }))
    expect(script('named=Etc/UTC\n')).toContain('/etc/timezone')
    expect(script('')).not.toContain('/etc/timezone')
  })

  test.each(['', '../etc/passwd', '/Europe/Berlin', 'Europe/', 'Europe/Ber lin', '-x'])(
    '%j is refused',
    (zone) => {
      expect(() => timezone(zone)).toThrow('time zone must match')
    },
  )
})

describe('on this machine', () => {
  const machine = onThisMachine()

  test('a zone that is none is said, with where to look', async () => {
    const plan = await look(machine.shell, timezone('Europe/Berlln'))
    expect(plan).toMatchObject({
      kind: 'unknown',
      reason: expect.stringMatching(
        /no time zone Europe\/Berlln: look at timedatectl|no time zones: install tzdata/,
      ),
    })
  })
})
