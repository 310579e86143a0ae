import { describe, expect, test } from 'vitest'
import { absentAuthorizedKey, authorizedKey, authorizedKeys, Conflict } from '../../../lib/resource/index.ts'
import { readKeyLine } from '../../../lib/resource/ssh-key-line.ts'
import { table } from './observe.ts'

const blob = (letter: string) => `AAAAC3NzaC1lZDI1NTE5AAAAI${letter.repeat(43)}`
const [a, b] = [`ssh-ed25519 ${blob('A')} a@test`, `ssh-ed25519 ${blob('B')} b@test`]
const entry = 'entry=app:x:1000:1000::/home/app:/bin/sh\nhome=41ed app app 1000 1000\n'
const right = 'folder=41c0 app app 1000 1000\nfile=8180 app app 1000 1000\n'
const holds = (...lines: string[]) =>
  `${entry}${right}content=${Buffer.from(lines.map((line) => `${line}\n`).join('')).toString('base64')}\n`
const one = authorizedKey('app', a)

describe('what stands in a user’s home becomes a plan', () => {
  table([
    {
      when: 'nothing yet',
      resource: one,
      stdout: `${entry}folder=absent\nfile=absent\n`,
      plan: 'change: add ssh-ed25519 a@test',
      diff: `+${a}`,
    },
    {
      when: 'the key, with another comment',
      resource: one,
      stdout: holds(`ssh-ed25519 ${blob('A')} other`),
      plan: 'unchanged',
    },
    {
      when: 'the key twice, once with options that it shall not have',
      resource: one,
      stdout: holds(`no-pty ${a}`, a),
      plan: 'change: lines changed',
      diff: `@@ -1,2 +1,1 @@\n-no-pty ${a}\n ${a}`,
    },
    {
      when: 'the key without the options that it shall have',
      resource: authorizedKey('app', a, { options: 'from="10.0.0.0/8, ::1"' }),
      stdout: holds('# note', a),
      plan: 'change: lines changed',
      diff: `@@ -1,2 +1,2 @@\n # note\n-${a}\n+from="10.0.0.0/8, ::1" ${a}`,
    },
    {
      when: 'another key besides',
      resource: authorizedKeys('app', [a]),
      stdout: holds(b, a),
      plan: 'unchanged',
    },
    {
      when: 'another key that shall not be',
      resource: authorizedKeys('app', [a], { exclusive: true }),
      stdout: holds('# note', b, 'no key at all', a),
      plan: 'change: remove ssh-ed25519 b@test',
    },
    {
      when: 'modes that sshd would not trust',
      resource: one,
      stdout: holds(a).replace('41c0', '41ff').replace('8180 app app 1000', '81b4 root root 0'),
      plan: 'change: ~/.ssh: mode 0777 → 0700, the file: mode 0664 → 0600, the file: owner root → 1000',
    },
    {
      when: 'a key to take away',
      resource: absentAuthorizedKey('app', a),
      stdout: holds(b, `no-pty ${a}`),
      plan: 'change: remove ssh-ed25519 a@test',
    },
    {
      when: 'a key that is gone',
      resource: absentAuthorizedKey('app', a),
      stdout: holds(b),
      plan: 'unchanged',
    },
    { when: 'no user', resource: one, plan: 'unknown: the user app is not there' },
    { when: 'no user, and none needed', resource: absentAuthorizedKey('app', a), plan: 'unchanged' },
    {
      when: 'no home',
      resource: one,
      stdout: entry.replace('41ed app app 1000 1000', 'absent'),
      plan: 'unknown: the home of app, /home/app, is not there',
    },
  ])

  test.each([
    'folder=a1ff app app 1000 1000\nfile=absent\n',
    'folder=41c0 app app 1000 1000\nfile=a1ff app app 1000 1000\n',
  ])('a link is a conflict: %s', (links) => {
    expect(() => one.plan({ stdout: entry + links, stderr: '', code: 0 })).toThrow(Conflict)
  })
})

test('options end at the first blank outside of quotes', () => {
  expect(readKeyLine(`command="echo \\"a b\\"",no-pty ${a}`)).toEqual({
    options: 'command="echo \\"a b\\"",no-pty',
    type: 'ssh-ed25519',
    key: blob('A'),
    comment: 'a@test',
  })
  expect(readKeyLine(`# ${a}`)).toBeUndefined()
  expect(readKeyLine('ssh-ed25519 short')).toBeUndefined()
})

test('what is no public key, and options that would be more than one word, are refused', () => {
  expect(() => authorizedKey('app', '-----BEGIN OPENSSH PRIVATE KEY-----')).toThrow('no public key')
  expect(() => authorizedKey('app', `${a}\n${b}`)).toThrow('public key must be one line')
  expect(() => authorizedKey('app', a, { options: 'no-pty x' })).toThrow('options of a key are one word')
  expect(() => authorizedKeys('app', [a, `no-pty ${a}`])).toThrow('a key stands there twice')
})
