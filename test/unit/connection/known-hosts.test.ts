import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { entriesFor, judge, keyType, knownAs, parseKnownHosts } from '../../../lib/connection/known-hosts.ts'

/** A public key's bytes as SSH has them: its type, then a body that tells keys apart. */
function publicKey(type: string, body: string): Buffer {
  const field = (text: string) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(text.length)
    return Buffer.concat([length, Buffer.from(text)])
  }
  return Buffer.concat([field(type), field(body)])
}

const mine = publicKey('ssh-ed25519', 'mine')
const other = publicKey('ssh-ed25519', 'other')
const rsa = publicKey('ssh-rsa', 'rsa')
const line = (names: string, key = mine) => `${names} ${keyType(key)} ${key.toString('base64')}`
const hash = (name: string) => {
  const salt = Buffer.from('a salt of 20 bytes..')
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`
}

describe('which entries speak of a host', () => {
  const cases: readonly [names: string, host: string, port: number, speaks: boolean][] = [
    ['web.example', 'web.example', 22, true],
    ['web.example', 'WEB.example', 22, true],
    ['WEB.Example', 'web.example', 22, true],
    ['web.example', 'web.example', 2222, false],
    ['[web.example]:2222', 'web.example', 2222, true],
    ['[web.example]:2222', 'web.example', 22, false],
    ['[web.example]:2222', 'web.example', 2223, false],
    ['a,web.example,b', 'web.example', 22, true],
    ['a,b', 'web.example', 22, false],
    ['*.example', 'web.example', 22, true],
    ['*.example', 'webXexample', 22, false],
    ['w?b.example', 'web.example', 22, true],
    ['w?b.example', 'wb.example', 22, false],
    ['*.example,!web.example', 'web.example', 22, false],
    ['!web.example,*.example', 'web.example', 22, false],
    ['!web.example,*.example', 'api.example', 22, true],
    ['!web.example', 'api.example', 22, false],
    ['*', 'web.example', 2222, true],
    ['[*.example]:2222', 'web.example', 2222, true],
    ['::1', '::1', 22, true],
    ['[::1]:2222', '::1', 2222, true],
    [hash('web.example'), 'web.example', 22, true],
    [hash('web.example'), 'api.example', 22, false],
    [hash('web.example'), 'web.example', 2222, false],
    [hash('[web.example]:2222'), 'web.example', 2222, true],
    ['|2|x|y', 'web.example', 22, false],
    ['|1|x', 'web.example', 22, false],
  ]
  test.each(cases)('%s for %s port %i: %s', (names, host, port, speaks) => {
    const entries = entriesFor(parseKnownHosts(line(names), 'f'), knownAs(host, port))
    expect(entries.length === 1).toBe(speaks)
  })
})

describe('what counts as an entry', () => {
  test('comments, blank and broken lines are passed over, and lines keep their numbers', () => {
    const text = [
      '# a comment',
      '',
      'broken',
      'h ssh-rsa',
      'h ssh-rsa !!!!',
      `h ssh-rsa ${mine.toString('base64')}`,
      `@odd ${line('h')}`,
      `  ${line('h')} a comment`,
    ]
    expect(parseKnownHosts(text.join('\n'), 'f')).toMatchObject([
      { line: 8, type: 'ssh-ed25519', names: 'h' },
    ])
  })

  test('tabs and CR LF separate as well', () => {
    expect(parseKnownHosts(`${line('h').replaceAll(' ', '\t')}\r\n`, 'f')).toHaveLength(1)
  })
})

describe('what is said of a key', () => {
  const cases: readonly [title: string, lines: readonly string[], key: Buffer, verdict: object][] = [
    ['nothing known', [], mine, { kind: 'unknown' }],
    ['its key', [line('h')], mine, { kind: 'known', entry: { line: 1 } }],
    ['one of two keys', [line('h', other), line('h')], mine, { kind: 'known', entry: { line: 2 } }],
    ['another key', [line('h')], other, { kind: 'changed', entry: { line: 1 } }],
    [
      'another key: the entry of the same type is named',
      [line('h', rsa), line('h')],
      other,
      { kind: 'changed', entry: { line: 2 } },
    ],
    ['known by another type only', [line('h', rsa)], mine, { kind: 'changed', entry: { line: 1 } }],
    [
      'a revoked key, though it is listed too',
      [line('h'), `@revoked ${line('*')}`],
      mine,
      { kind: 'revoked', entry: { line: 2 } },
    ],
    ['another key is revoked', [line('h'), `@revoked ${line('*', other)}`], mine, { kind: 'known' }],
    ['only another key is revoked', [`@revoked ${line('*', other)}`], mine, { kind: 'unknown' }],
    [
      'only an authority',
      [`@cert-authority ${line('h')}`],
      mine,
      { kind: 'certificate', entry: { line: 1 } },
    ],
    ['an authority and its key', [`@cert-authority ${line('h', other)}`, line('h')], mine, { kind: 'known' }],
  ]
  test.each(cases)('%s', (_title, lines, key, verdict) => {
    expect(judge(entriesFor(parseKnownHosts(lines.join('\n'), 'f'), 'h'), key)).toMatchObject(verdict)
  })
})

test.each([[''], ['ab'], ['\0\0\0\x09ssh']])('a key too short has no type that could match (%j)', (bytes) => {
  expect(() => keyType(Buffer.from(bytes, 'latin1'))).not.toThrow()
})
