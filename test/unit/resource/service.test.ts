import { describe, expect, test } from 'vitest'
import { Conflict, service } from '../../../lib/resource/index.ts'
import { applied, table } from './observe.ts'

const unit = (active: string, file: string, more = 'SubState=running') =>
  `LoadState=loaded\nActiveState=${active}\nUnitFileState=${file}\n${more}\n`

describe('what systemctl shows becomes a plan', () => {
  const nginx = service('nginx')
  table([
    { when: 'enabled and running', resource: nginx, stdout: unit('active', 'enabled'), plan: 'unchanged' },
    { when: 'static and running', resource: nginx, stdout: unit('active', 'static'), plan: 'unchanged' },
    {
      when: 'neither',
      resource: nginx,
      stdout: unit('inactive', 'disabled'),
      plan: 'change: enable, start (inactive)',
    },
    { when: 'failed', resource: nginx, stdout: unit('failed', 'enabled'), plan: 'change: start (failed)' },
    {
      when: 'in a crash loop',
      resource: nginx,
      stdout: unit('activating', 'enabled', 'SubState=auto-restart'),
      plan: 'change: start (activating)',
    },
    {
      when: 'with a unit file that changed',
      resource: nginx,
      stdout: unit('active', 'enabled', 'NeedDaemonReload=yes'),
      plan: 'change: reload its unit file',
    },
    {
      when: 'running, and shall not',
      resource: service('nginx', { enabled: false, running: false }),
      stdout: unit('active', 'enabled'),
      plan: 'change: disable, stop',
    },
    {
      when: 'in a crash loop, and shall not run',
      resource: service('nginx', { enabled: 'any', running: false }),
      stdout: unit('activating', 'enabled', 'SubState=auto-restart'),
      plan: 'change: stop',
    },
    {
      when: 'enabled until the host goes down',
      resource: nginx,
      stdout: unit('active', 'enabled-runtime'),
      plan: 'change: enable',
    },
    {
      when: 'enabled until the host goes down, and shall not be',
      resource: service('nginx', { enabled: false }),
      stdout: unit('active', 'enabled-runtime'),
      plan: 'change: disable',
    },
    {
      when: 'static, and shall not be enabled',
      resource: service('nginx', { enabled: false, running: 'any' }),
      stdout: unit('inactive', 'static'),
      plan: 'unchanged',
    },
    {
      when: 'not there',
      resource: nginx,
      stdout: 'LoadState=not-found\nActiveState=inactive\n',
      plan: 'unknown: the unit nginx is not there',
    },
    {
      when: 'no systemd',
      resource: nginx,
      stderr: 'this host has no systemd\n',
      code: 3,
      plan: 'unknown: this host has no systemd',
    },
  ])

  test('a masked unit is a conflict', () => {
    expect(() => nginx.plan({ stdout: 'LoadState=masked\n', stderr: '', code: 0 })).toThrow(Conflict)
  })
})

test('the steps stand in the order that systemd needs', () => {
  const stdout = unit('inactive', 'disabled', 'NeedDaemonReload=yes')
  const script = applied(service('a@b.timer').plan({ stdout, stderr: '', code: 0 }))
  expect(script.match(/systemctl (?:-q )?[a-z-]+/g)).toEqual([
    'systemctl daemon-reload',
    'systemctl -q enable',
    'systemctl reset-failed',
    'systemctl start',
  ])
})

test.each(['', '-a', 'a b', 'a;b'])('%j is no unit', (name) => {
  expect(() => service(name)).toThrow(TypeError)
})
