import { execFileSync } from 'node:child_process'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { feed, lines, quote, raw, Script, sh } from '../../../lib/script/index.ts'
import { Secret } from '../../../lib/secret/index.ts'

/** Runs a script in the real sh of this machine. */
function execute(script: Script): Buffer {
  return execFileSync('sh', [], { input: script.reveal(), maxBuffer: 1 << 26 })
}

/** A generator with a seed (mulberry32), so that a failure can be had again. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const alphabet = [...'aZ0 _-=:,./@%+~!#$&*()[]{}<>?|;\'"`\\^\n\t\rä€😀\u0001\u007f\u0081']

function words(seed: number, count: number): string[] {
  const next = random(seed)
  const pick = () => alphabet[Math.floor(next() * alphabet.length)] ?? ''
  return Array.from({ length: count }, () => Array.from({ length: Math.floor(next() * 12) }, pick).join(''))
}

describe('quoting', () => {
  const cases: readonly [word: string, quoted: string][] = [
    ['plain', 'plain'],
    ['/etc/nginx/nginx.conf', '/etc/nginx/nginx.conf'],
    ['user@host:8080', 'user@host:8080'],
    ['', "''"],
    ['two words', "'two words'"],
    ["it's", "'it'\\''s'"],
    ['$HOME', "'$HOME'"],
    ['~', "'~'"],
    ['a\nb', "'a\nb'"],
    ['*', "'*'"],
  ]
  test.each(cases)('%j is %s', (word, quoted) => {
    expect(quote(word)).toBe(quoted)
  })

  test('any words come back from sh as they were', () => {
    const given = [...words(1, 2000), '-n', '--', '', ' ', "'", '\\', '$(exit 1)', '`exit 1`', 'a=b', '\n']
    const printed = execute(sh`printf '%s\\0' ${given}`).toString('utf8')
    expect(printed.split('\0').slice(0, -1)).toEqual(given)
  })

  test('a word is one word, also alone', () => {
    for (const word of words(2, 20)) expect(execute(sh`printf '[%s]' ${word}`).toString()).toBe(`[${word}]`)
  })

  test('a NUL byte is refused', () => {
    expect(() => sh`echo ${'a\0b'}`).toThrow(/NUL/)
  })
})

describe('sh`…`', () => {
  test('quotes words, keeps numbers and scripts, spreads lists', () => {
    const inner = sh`echo ${'a b'}`
    expect(String(sh`if true; then ${inner}; fi; seq ${3} ${['x y', 4]}`)).toBe(
      "if true; then echo 'a b'; fi; seq 3 'x y' 4",
    )
  })

  test('an empty list is no word', () => {
    expect(execute(sh`set -- ${[]}; echo $#`).toString()).toBe('0\n')
  })

  test('a secret is never an argument, neither alone nor in a list', () => {
    const secret = new Secret('hunter2')
    // @ts-expect-error a secret is no word
    expect(() => sh`echo ${secret}`).toThrow(/feed/)
    // @ts-expect-error a secret is no word
    expect(() => sh`echo ${['a', secret]}`).toThrow(/feed/)
  })

  test('undefined is a mistake', () => {
    // @ts-expect-error undefined is no word
    expect(() => sh`echo ${undefined}`).toThrow(/undefined/)
  })
})

describe('lines', () => {
  test('one after another, without the empty ones', () => {
    expect(String(lines(sh`a`, raw(' \n'), sh`b`))).toBe('a\nb\n')
    expect(lines().empty).toBe(true)
  })

  test('a script that ends in a here-document may stand anywhere', () => {
    const script = lines(sh`base64 -d${feed('first\n')}`, sh`echo second`, sh`base64 -d${feed('third\n')}`)
    expect(execute(script).toString()).toBe('first\nsecond\nthird\n')
  })
})

describe('feed', () => {
  const next = random(3)
  const contents: readonly [title: string, content: string | Uint8Array][] = [
    ['nothing', ''],
    ['a line', 'hello\n'],
    ['UTF-8', 'ä€😀'],
    ['every byte', Uint8Array.from({ length: 256 }, (_, index) => index)],
    ['what looks like shell', '$HOME `id` $(id) \\ \'"\nEOF\n'],
    ...[749, 750, 751, 1500, 65_536, 300_000].map((length): [string, Uint8Array] => [
      `${length} random bytes`,
      Uint8Array.from({ length }, () => next() * 256),
    ]),
  ]
  test.each(contents)('%s arrives as it is', (_title, content) => {
    expect(execute(sh`base64 -d${feed(content)}`).equals(Buffer.from(content))).toBe(true)
  })

  test('a secret arrives, and the script shows nothing of it', () => {
    const script = lines(sh`base64 -d${feed(new Secret('hunter2'))}`)
    expect(execute(script).toString()).toBe('hunter2')
    const encoded = Buffer.from('hunter2').toString('base64')
    for (const shown of [
      String(script),
      JSON.stringify(script),
      inspect(script, { depth: 9, showHidden: true }),
      inspect(script.parts),
    ]) {
      expect(shown).not.toContain('hunter2')
      expect(shown).not.toContain(encoded)
    }
    expect(String(script)).toContain('[secret]')
  })
})

test('a script is empty only without secrets and words', () => {
  expect(raw(' \n').empty).toBe(true)
  expect(new Script([new Secret('')]).empty).toBe(false)
})
