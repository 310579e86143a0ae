import { describe, expect, test } from 'vitest'
import { hostsWith } from '../../../lib/resource/hosts-table.ts'
import { hostname } from '../../../lib/resource/index.ts'
import { applied, table } from './observe.ts'

const probed = (live: string, kept: string | undefined, hosts: string) =>
  `live=${live}\n${kept === undefined ? '' : `kept=${kept}\n`}hosts=${Buffer.from(hosts).toString('base64')}\n`

describe('what a host calls itself becomes a plan', () => {
  const db = hostname('db-1')
  const debian = '127.0.0.1\tlocalhost\n127.0.1.1\tdebian\n\n::1 localhost\n'
  table([
    {
      when: 'all as it should be',
      resource: db,
      stdout: probed('db-1', 'db-1', '127.0.1.1 db-1\n'),
      plan: 'unchanged',
    },
    {
      when: 'its name on its own address',
      resource: db,
      stdout: probed('db-1', 'db-1', '127.0.0.1 localhost\n10.0.0.5 db-1.example.org db-1\n'),
      plan: 'unchanged',
    },
    {
      when: 'a fresh Debian',
      resource: db,
      stdout: probed('debian', 'debian', debian),
      plan: 'change: /etc/hosts, debian → db-1, live name debian → db-1',
      diff: '@@ -1,4 +1,4 @@\n 127.0.0.1\tlocalhost\n-127.0.1.1\tdebian\n+127.0.1.1\tdb-1\n \n ::1 localhost',
    },
    {
      when: 'only renamed until the next boot',
      resource: db,
      stdout: probed('db-1', 'debian', '127.0.1.1 db-1\n'),
      plan: 'change: debian → db-1',
    },
    {
      when: 'not in force yet',
      resource: db,
      stdout: probed('debian', 'db-1', '127.0.1.1 db-1\n'),
      plan: 'change: live name debian → db-1',
    },
    {
      when: 'no file at all',
      resource: db,
      stdout: 'live=db-1\n',
      plan: 'change: /etc/hosts, no name → db-1',
    },
  ])

  test('sudo can resolve the name at every moment', () => {
    const script = applied(db.plan({ stdout: probed('a', 'a', debian), stderr: '', code: 0 }))
    const at = (what: string) => script.lastIndexOf(what)
    expect(at(' /etc/hosts\n')).toBeGreaterThan(0)
    expect(at(' /etc/hosts\n')).toBeLessThan(at(' /etc/hostname\n'))
    expect(at(' /etc/hostname\n')).toBeLessThan(at('>/proc/sys/kernel/hostname'))
  })

  test.each(['', '-a', 'a_b', 'DB', 'a..b', 'a.', `${'a'.repeat(64)}`, 'a b'])('%j is refused', (name) => {
    expect(() => hostname(name)).toThrow('hostname must')
  })
  test('a name longer than the kernel takes is refused', () => {
    expect(() => hostname(`${'a'.repeat(40)}.${'b'.repeat(40)}`)).toThrow('64 letters')
  })
})

describe('a name gets its line in /etc/hosts', () => {
  const rows: [string, string, string, string[], string][] = [
    ['the file is empty', '', 'a', [], '127.0.1.1\ta\n'],
    ['no line has it', '127.0.0.1 localhost\n::1 x\n', 'a', [], '127.0.0.1 localhost\n127.0.1.1\ta\n::1 x\n'],
    ['a domain comes with it', '127.0.1.1 old\n', 'a.b.c', ['old'], '127.0.1.1\ta.b.c a\n'],
    ['a comment names it', '# a\n', 'a', [], '127.0.1.1\ta\n# a\n'],
    ['others share the line', '127.0.1.1 old alias # why\n', 'a', ['old'], '127.0.1.1\ta alias # why\n'],
    ['it has an address of its own', '127.0.1.1 old\n10.0.0.1 a\n', 'a', ['old'], '10.0.0.1 a\n'],
    ['a longer name begins like it', '10.0.0.1 ab\n', 'a', [], '127.0.1.1\ta\n10.0.0.1 ab\n'],
    ['the former name had a domain', '127.0.1.1 old.x old\n', 'a', ['old.x'], '127.0.1.1\ta\n'],
    ['the former name is on another address', '10.0.0.1 old\n', 'old', ['new'], '10.0.0.1 old\n'],
    ['the line is at its end', '127.0.0.1 localhost', 'a', [], '127.0.0.1 localhost\n127.0.1.1\ta'],
  ]
  test.each(rows)('%s', (_, before, name, former, after) => {
    const made = hostsWith(before, name, former)
    expect(made).toBe(after)
    expect(hostsWith(made, name, [name])).toBe(made)
  })
})
