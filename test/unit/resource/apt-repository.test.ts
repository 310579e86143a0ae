import { describe, expect, test } from 'vitest'
import { sourceText } from '../../../lib/resource/apt-source.ts'
import { absentAptRepository, aptKey, aptKeyring, aptRepository } from '../../../lib/resource/index.ts'
import { applied, table } from './observe.ts'

const key = `-----BEGIN PGP PUBLIC KEY BLOCK-----
Comment: a key

mDMEZabc+/=
=x1y2
-----END PGP PUBLIC KEY BLOCK-----
`
const remote = { url: 'https://a.test/key.asc', sha256: 'a'.repeat(64) }
const source = { uris: 'https://a.test/debian', suites: 'trixie', components: 'main' } as const
const path = '/etc/apt/sources.list.d/tool.sources'

test('a source is a deb822 stanza; a key in it is folded', () => {
  const text = sourceText({
    ...source,
    architectures: ['amd64', 'arm64'],
    types: ['deb', 'deb-src'],
    signedBy: key,
  })
  expect(text).toBe(`Types: deb deb-src
URIs: https://a.test/debian
Suites: trixie
Components: main
Architectures: amd64 arm64
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 Comment: a key
 .
 mDMEZabc+/=
 =x1y2
 -----END PGP PUBLIC KEY BLOCK-----
`)
})

test('a flat repository has no components, and a keyring is named by its path', () => {
  const flat = { uris: 'file:/srv/apt', suites: './', signedBy: aptKeyring('tool') }
  expect(sourceText(flat)).toBe(
    'Types: deb\nURIs: file:/srv/apt\nSuites: ./\nSigned-By: /etc/apt/keyrings/tool.asc\n',
  )
  expect(() => sourceText({ ...flat, suites: 'trixie' })).toThrow('components are needed')
  expect(() => sourceText({ ...flat, components: 'main' })).toThrow('components are needed')
})

test.each([
  [{ ...source, signedBy: 'no key' }, 'a key must be armored'],
  [{ ...source, signedBy: `${key}Types: deb\n` }, 'a key must be armored'],
  [{ ...source, signedBy: '/etc/apt/keyrings/tool' }, 'keyring must match'],
  [{ ...source, signedBy: key, uris: 'https://me:hush@a.test/x' }, '/etc/apt/auth.conf.d'],
  [{ ...source, signedBy: key, suites: 'trixie\nTrusted: yes' }, 'suite must match'],
])('%j is refused', (given, message) => {
  expect(() => aptRepository('tool', given)).toThrow(message)
})

test('a name that apt would leave out is refused', () => {
  expect(() => aptRepository('to ol', { ...source, signedBy: key })).toThrow('name of a repository')
  expect(() => aptKey('../tool', { armored: key })).toThrow('name of a repository or key')
})

describe('what a probe shows becomes a plan', () => {
  table([
    {
      when: 'a repository that is not there',
      resource: aptRepository('tool', { ...source, signedBy: key }),
      stdout: 'standing=absent\n',
      plan: 'change: create (mode 0644)',
    },
    {
      when: 'one that shall not be',
      resource: absentAptRepository('tool'),
      stdout: 'standing=81a4 root root 0 0\n',
      plan: 'change: remove the file',
    },
    {
      when: 'a key that is not there',
      resource: aptKey('tool', remote),
      stdout: 'standing=absent\n',
      plan: 'change: fetch https://a.test/key.asc',
      diff: `+sha256 ${remote.sha256}`,
    },
    {
      when: 'another key',
      resource: aptKey('tool', remote),
      stdout: 'standing=81a4 root root 0 0\nsha256=b  -\n',
      plan: 'change: replace by https://a.test/key.asc',
    },
    {
      when: 'this key',
      resource: aptKey('tool', remote),
      stdout: `standing=81a4 root root 0 0\nsha256=${remote.sha256}  -\n`,
      plan: 'unchanged',
    },
  ])

  test('apt fetches the list by the new file alone, before that takes its place', () => {
    const wish = aptRepository('tool', { ...source, signedBy: key })
    expect(wish.id).toBe('apt repository tool')
    const script = applied(wish.plan({ stdout: 'standing=absent\n', stderr: '', code: 0 }))
    expect(script.indexOf('Error-Mode=any')).toBeGreaterThan(0)
    expect(script.indexOf('sourceparts=-')).toBeLessThan(script.indexOf('mv -fT'))
    expect(script).toContain(path)
  })
})
