import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { absentGroup, absentUser, group, user } from '../../../lib/resource/index.ts'
import { applied, table } from './observe.ts'

const deploy = 'entry=deploy:x:1000:1000::/home/deploy:/bin/bash\ngroup=deploy\ngroups=deploy docker\n'

describe('what getent shows becomes a plan', () => {
  table([
    { when: 'no group', resource: group('app', { gid: 900 }), plan: 'change: create (gid 900)' },
    { when: 'the group', resource: group('app'), stdout: 'app:x:900:\n', plan: 'unchanged' },
    {
      when: 'a group of another number',
      resource: group('app', { gid: 901 }),
      stdout: 'app:x:900:\n',
      plan: 'change: gid 900 → 901',
    },
    {
      when: 'a group that shall not be',
      resource: absentGroup('app'),
      stdout: 'app:x:900:\n',
      plan: 'change: remove',
    },
    { when: 'no user', resource: user('deploy'), plan: 'change: create' },
    {
      when: 'the user',
      resource: user('deploy', { uid: 1000, group: 'deploy', groups: ['docker'], shell: '/bin/bash' }),
      stdout: deploy,
      plan: 'unchanged',
    },
    {
      when: 'the first group by its number',
      resource: user('deploy', { group: 1000 }),
      stdout: deploy,
      plan: 'unchanged',
    },
    {
      when: 'the first group by a number with zeros in front',
      resource: user('deploy', { group: '001000' }),
      stdout: deploy,
      plan: 'unchanged',
    },
    {
      when: 'a user who differs in all',
      resource: user('deploy', {
        uid: 1001,
        group: 'app',
        groups: ['docker', 'adm'],
        home: '/srv',
        shell: '/bin/sh',
      }),
      stdout: deploy,
      plan: 'change: uid 1000 → 1001, group deploy → app, home /home/deploy → /srv, shell /bin/bash → /bin/sh, member of adm',
    },
    { when: 'no user, as wanted', resource: absentUser('deploy'), plan: 'unchanged' },
  ])
})

test('a user is changed in one call, and made with a shell that fits', () => {
  const changed = user('deploy', { shell: '/bin/sh', groups: ['adm', 'www'] })
  expect(applied(changed.plan({ stdout: deploy, stderr: '', code: 0 }))).toContain(
    'usermod -s /bin/sh -a -G adm,www deploy\n',
  )
  const system = user('app', { system: true, group: 'www' })
  const script = applied(system.plan({ stdout: '', stderr: '', code: 0 }))
  expect(script).toContain('set -- -g www\nuseradd -r -M -s /usr/sbin/nologin "$@" app\n')
})

/** Runs a script by this machine's sh, with functions in the place of the tools. */
function withTools(tools: string, script: string): string {
  return spawnSync('sh', ['-s'], { input: `${tools}\n${script}`, encoding: 'utf8' }).stdout
}

test('a comment in the entry is no escape to the probe', () => {
  const entry = 'deploy:x:1000:1000:a\\nb \\c d:/home/deploy:/bin/bash'
  const tools = `getent() { printf '%s\\n' '${entry}'; }\nid() { echo deploy; }`
  const wish = user('deploy', { shell: '/bin/bash', home: '/home/deploy', groups: ['deploy'] })
  const stdout = withTools(tools, wish.probe.reveal())
  expect(wish.plan({ stdout, stderr: '', code: 0 })).toEqual({ kind: 'unchanged' })
})

test('a home is moved to where nothing is, and taken as it is where something is', () => {
  const call = (home: string) =>
    withTools(
      'usermod() { echo "$@"; }',
      `set -e\n${applied(user('deploy', { home }).plan({ stdout: deploy, stderr: '', code: 0 }))}`,
    )
  expect(call('/nowhere/at/all')).toBe('-d /nowhere/at/all -m deploy\n')
  expect(call('/tmp')).toBe('-d /tmp deploy\n')
})

test.each(['', 'Root', '-r', 'a:b', 'a b', 'a'.repeat(33)])('%j is no name', (name) => {
  expect(() => user(name)).toThrow(TypeError)
  expect(() => group(name)).toThrow(TypeError)
})

test('the number that the kernel takes for nobody is no group', () => {
  expect(() => user('deploy', { group: 4_294_967_295 })).toThrow('up to 4294967294')
})
