import { describe, expect, test } from 'vitest'
import { absentPackages, packages } from '../../../lib/resource/index.ts'
import { applied, table } from './observe.ts'

const nginx = 'installed nginx 1.26.3-3\n'
const candidates = 'name zstd\ncandidate 1.5.7-1\nname nonesuch\ncandidate (none)\n'

describe('what dpkg and apt show becomes a plan', () => {
  table([
    { when: 'all there', resource: packages(['nginx']), stdout: nginx, plan: 'unchanged' },
    {
      when: 'one missing, with the version that apt would take',
      resource: packages(['nginx', 'zstd']),
      stdout: nginx + candidates,
      plan: 'change: install zstd',
      diff: '+zstd 1.5.7-1',
    },
    {
      when: 'one that no list knows yet',
      resource: packages(['nonesuch']),
      stdout: candidates,
      plan: 'change: install nonesuch',
      diff: '+nonesuch',
    },
    { when: 'the pinned version', resource: packages(['nginx=1.26.3-3']), stdout: nginx, plan: 'unchanged' },
    {
      when: 'a version the pin covers',
      resource: packages(['nginx=1.26*']),
      stdout: nginx,
      plan: 'unchanged',
    },
    {
      when: 'another version than the pinned one',
      resource: packages(['nginx=1.27*']),
      stdout: nginx,
      plan: 'change: install nginx=1.27*',
      diff: '-nginx 1.26.3-3\n+nginx 1.27*',
    },
    {
      when: 'some that shall not be',
      resource: absentPackages(['nginx', 'zstd']),
      stdout: nginx,
      plan: 'change: remove nginx',
      diff: '-nginx 1.26.3-3',
    },
    { when: 'none of them', resource: absentPackages(['zstd']), plan: 'unchanged' },
    {
      when: 'no Debian',
      resource: packages(['nginx']),
      stderr: 'this host has no dpkg\n',
      code: 3,
      plan: 'unknown: this host has no dpkg',
    },
  ])
})

test('only what is missing is installed, a downgrade only for a pin', () => {
  const missing = applied(packages(['nginx', 'zstd']).plan({ stdout: nginx, stderr: '', code: 0 }))
  expect(missing).toContain('--no-install-recommends  install zstd >/dev/null')
  const pinned = applied(packages(['nginx=1.25*']).plan({ stdout: nginx, stderr: '', code: 0 }))
  expect(pinned).toContain("--allow-downgrades install 'nginx=1.25*' >/dev/null")
})

test.each([[['Nginx']], [['-y']], [['nginx; reboot']], [['nginx=']], [[]]])('%j is refused', (names) => {
  expect(() => packages(names)).toThrow(TypeError)
})
