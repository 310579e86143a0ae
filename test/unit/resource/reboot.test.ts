import { describe, expect, test } from 'vitest'
import { reboot } from '../../../lib/resource/index.ts'
import { sh } from '../../../lib/script/index.ts'
import { look } from '../../lab/converge.ts'
import { applied, onThisMachine, table } from './observe.ts'

describe('whether a host needs a reboot becomes a plan', () => {
  table([
    { when: 'it does not', resource: reboot(), plan: 'unchanged' },
    { when: 'it does', resource: reboot(), stdout: 'needed\n', plan: 'change: reboot' },
    {
      when: 'packages say so',
      resource: reboot(),
      stdout: 'needed\nlibc6\nlinux-image-6.12\n',
      plan: 'change: reboot (for libc6, linux-image-6.12)',
    },
    {
      when: 'it could not be asked',
      resource: reboot({ when: sh`nonsense` }),
      code: 2,
      stderr: 'sh: 2: Syntax error\n',
      plan: 'unknown: sh: 2: Syntax error',
    },
  ])

  test('the host is waited for, and goes down only after the script has ended', () => {
    const plan = reboot({ timeoutSeconds: 90 }).plan({ stdout: 'needed\n', stderr: '', code: 0 })
    expect(plan).toMatchObject({ restartSeconds: 90 })
    expect(applied(plan)).toMatch(/systemd-run .*--on-active=1 .*systemctl reboot/)
    expect(applied(plan)).toMatch(/nohup sh -c 'sleep 1; reboot' .*&/)
    expect(() => reboot({ timeoutSeconds: 5 })).toThrow('timeoutSeconds must be')
  })
})

describe('on this machine', () => {
  const machine = onThisMachine()

  test('a script decides by its exit code', async () => {
    expect((await look(machine.shell, reboot({ when: sh`echo needed; false` }))).kind).toBe('unchanged')
    expect((await look(machine.shell, reboot({ when: sh`exit 0` }))).kind).toBe('change')
    const strict = sh`set -e
false
:`
    expect((await look(machine.shell, reboot({ when: strict }))).kind).toBe('unchanged')
  })
})
