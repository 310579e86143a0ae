import { describe, expect, test } from 'vitest'
import { execLine, systemdUnit, type UnitContent } from '../../../lib/resource/index.ts'
import { enablingLinks, finishes, triggered, unitSettings } from '../../../lib/resource/unit-settings.ts'
import { unitText } from '../../../lib/resource/unit-text.ts'
import { Secret } from '../../../lib/secret/index.ts'

test('sections become a unit: lists a line each, booleans, variables escaped, the undefined left out', () => {
  const text = unitText({
    Unit: { Description: 'the app', After: ['network-online.target', 'docker.service'] },
    Service: {
      ExecStart: ['', execLine('/usr/bin/app', '--name', 'a "b" $HOME 5%', '')],
      Environment: { GREETING: 'it\'s "100%"\nof \\n $x', LANG: 'C.UTF-8' },
      LimitNOFILE: 65_536,
      NoNewPrivileges: true,
      PrivateTmp: false,
      User: undefined,
      ReadWritePaths: [],
    },
    Install: { WantedBy: 'multi-user.target' },
  })
  expect(text).toBe(`[Unit]
Description=the app
After=network-online.target
After=docker.service

[Service]
ExecStart=
ExecStart=/usr/bin/app --name "a \\"b\\" $$HOME 5%%" ""
Environment="GREETING=it's \\"100%%\\"\\nof \\\\n $x"
Environment="LANG=C.UTF-8"
LimitNOFILE=65536
NoNewPrivileges=yes
PrivateTmp=no
ReadWritePaths=

[Install]
WantedBy=multi-user.target
`)
})

describe('what systemd could not read back is refused', () => {
  test.each<[UnitContent, string]>([
    [{ Service: { ExecStart: '/bin/true\nExecStartPre=/bin/evil' } }, 'ExecStart must be one line'],
    [{ Service: { ExecStart: '/bin/echo \\' } }, 'ends with a backslash'],
    [{ Service: { 'Exec Start': '/bin/true' } }, 'setting of [Service]'],
    [{ Service: { Environment: { 'A B': 'c' } } }, 'name of a variable'],
    [{ Service: { ExecStart: { A: 'b' } } }, 'ExecStart of a unit is no mapping'],
    ['ExecStart=/bin/true\n', 'a unit needs a section'],
  ])('%j', (content, message) => {
    expect(() => unitText(content)).toThrow(message)
  })

  test('a program is a path', () => {
    expect(() => execLine('app')).toThrow('program of a unit')
    expect(() => execLine('/opt/my app')).toThrow('program of a unit')
  })
})

test('a secret is refused by its type, and where that was got round, with where to put it', () => {
  const secret = new Secret('hush')
  // @ts-expect-error a Secret is no content of a unit
  expect(() => systemdUnit('a.service', secret)).toThrow('EnvironmentFile= or LoadCredential=')
  // @ts-expect-error nor a value in it
  const inSection: UnitContent = { Service: { Environment: { TOKEN: secret } } }
  expect(() => systemdUnit('a.service', inSection)).toThrow('EnvironmentFile= or LoadCredential=')
  // @ts-expect-error nor a word of a command
  expect(() => execLine('/bin/login', secret)).toThrow('EnvironmentFile= or LoadCredential=')
  // In a text it reads "[secret]", as everywhere; what it is never gets there.
  expect(unitText(`[Service]\nEnvironment=TOKEN=${secret}\n`)).not.toContain('hush')
})

test('a text is read as systemd reads it', () => {
  const settings = unitSettings(`# [Install]
[Service]
; ExecStart=/bin/false
ExecStart=/bin/echo \\
  a=b
Type = oneshot
Environment=A=1
Environment=
Environment=B=2
[Install]
WantedBy=a.target b.target
WantedBy=c.target
`)
  expect([...settings]).toEqual([
    ['Service.ExecStart', ['/bin/echo    a=b']],
    ['Service.Type', ['oneshot']],
    ['Service.Environment', ['B=2']],
    ['Install.WantedBy', ['a.target b.target', 'c.target']],
  ])
  expect(enablingLinks('x.service', settings)).toEqual([
    'a.target.wants/x.service',
    'b.target.wants/x.service',
    'c.target.wants/x.service',
  ])
  expect(finishes('x.service', settings)).toBe(true)
  expect(finishes('x.service', unitSettings('[Service]\nType=oneshot\nRemainAfterExit=yes\n'))).toBe(false)
})

test.each([
  ['w@.service', 'WantedBy=a.target', []],
  ['w@.service', 'WantedBy=a.target\nDefaultInstance=one', ['a.target.wants/w@one.service']],
  ['w@1.service', 'RequiredBy=a.target\nAlias=v.service', ['a.target.requires/w@1.service', 'v.service']],
  ['w@1.service', 'WantedBy=a-%i.target', 'unforeseen'],
  ['w.service', 'Also=v.service', []],
])('%s with %j is enabled by %j', (unit, install, links) => {
  expect(enablingLinks(unit, unitSettings(`[Install]\n${install}\n`))).toEqual(links)
})

test.each([
  ['b.timer', '[Timer]\nOnCalendar=daily\n', 'b.service'],
  ['b.timer', '[Timer]\nUnit=c.service\n', 'c.service'],
  ['b.path', '[Path]\nPathExists=/x\n', 'b.service'],
  ['b.service', '[Service]\n', undefined],
])('%s with %j starts %s', (unit, text, starts) => {
  expect(triggered(unit, unitSettings(text))).toBe(starts)
})
