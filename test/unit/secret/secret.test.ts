import { Console } from 'node:console'
import { Writable } from 'node:stream'
import { format, inspect } from 'node:util'
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { QuaysideError } from '../../../lib/error.ts'
import { join, plain, Secret, text } from '../../../lib/secret/index.ts'

const hidden = 'hunter2-swordfish'
const secret = new Secret(hidden)

/** What console.log would have printed. */
function logged(...values: readonly unknown[]): string {
  return loggedBy((console) => console.log(...values))
}

function loggedBy(say: (console: Console) => void): string {
  let out = ''
  const sink = new Writable({
    write(chunk, _encoding, done) {
      out += String(chunk)
      done()
    },
  })
  say(new Console(sink))
  return out
}

describe('a secret cannot be printed', () => {
  const failure = new QuaysideError('no', { cause: { secret } })
  const ways: Record<string, () => unknown> = {
    String: () => String(secret),
    template: () => `${secret}`,
    concatenation: () => `x${String(secret)}`,
    JSON: () => JSON.stringify({ deep: [{ secret }] }),
    inspect: () => inspect({ deep: { deeper: { secret } } }, { depth: 9, showHidden: true, getters: true }),
    'inspect without custom functions': () => inspect(secret, { customInspect: false, showHidden: true }),
    'format %s': () => format('%s', secret),
    'format %o': () => format('%o %O %j', secret, secret, secret),
    'console.log': () => logged(secret, { secret }, [secret], new Map([['key', secret]]), new Set([secret])),
    'an error that carries it': () => inspect(new Error('no', { cause: secret })),
    'an error of ours that carries it': () => inspect(failure) + JSON.stringify(failure) + String(failure),
    'own keys': () => JSON.stringify(Object.getOwnPropertyNames(secret)) + JSON.stringify({ ...secret }),
    clone: () => inspect(structuredClone({ secret }), { showHidden: true }),
    // Bun's Console cannot show any object in a table: it throws before it prints.
    ...(process.versions.bun
      ? {}
      : { 'console.table': () => loggedBy((console) => console.table([{ secret }, secret])) }),
    'console.dir': () => loggedBy((console) => console.dir(secret, { depth: 9, showHidden: true })),
    entries: () => JSON.stringify([Object.entries(secret), Reflect.ownKeys(secret), { ...secret }]),
    'a message to another thread': () => {
      const { port1, port2 } = new MessageChannel()
      port1.postMessage({ secret })
      const { message } = receiveMessageOnPort(port2) ?? {}
      port1.close()
      return inspect(message, { showHidden: true })
    },
    'the message and stack of an error': () => {
      const error = new Error(`it was ${secret}`)
      return `${error.message}${error.stack}`
    },
    'an error of arithmetic': () => String(Number(secret)),
  }
  test.each(Object.entries(ways))('by %s', (_way, print) => {
    expect(String(print())).not.toContain('hunter2')
  })

  test('and says so', () => {
    expect([String(secret), JSON.stringify(secret), inspect(secret)]).toEqual([
      '[secret]',
      '"[secret]"',
      '[secret]',
    ])
  })
})

test('reveal() gives it up', () => {
  expect(secret.reveal()).toBe(hidden)
})

test('a fingerprint is the same for the same value, another for another, and no part of it', () => {
  expect(new Secret('a').fingerprint()).toBe(new Secret('a').fingerprint())
  expect(new Secret('a').fingerprint()).not.toBe(new Secret('b').fingerprint())
  expect(secret.fingerprint()).toMatch(/^[0-9a-f]{12}$/)
})

describe('text`…`', () => {
  const several = 'one\ntwo\n\nthree'
  const cases: readonly [title: string, made: unknown, expected: string][] = [
    [
      'the common indentation goes',
      text`
      a
        b
      c
    `,
      'a\n  b\nc\n',
    ],
    ['one line', text`just this`, 'just this'],
    [
      'no newline at the end',
      text`
      a`,
      'a',
    ],
    [
      'blank lines stay',
      text`
      a

      b
    `,
      'a\n\nb\n',
    ],
    [
      'numbers',
      text`
      port ${5432}
    `,
      'port 5432\n',
    ],
    [
      'several lines keep the indentation of their place, blank ones stay empty',
      text`
      a:
        ${several}
      b
    `,
      'a:\n  one\n  two\n\n  three\nb\n',
    ],
    [
      'a value at the start of a line counts for the indentation',
      text`
      ${'x'}
        y
    `,
      'x\n  y\n',
    ],
    [
      'a value is not dedented',
      text`
      a
      ${'  b'}
    `,
      'a\n  b\n',
    ],
    ['a value keeps its own newlines at the start and the end', text`${'\n\na\n  '}`, '\n\na\n  '],
    [
      'a dollar sign is no pattern',
      text`
      ${"$& $1 $'"}
    `,
      "$& $1 $'\n",
    ],
    ['nothing', text``, ''],
  ]
  test.each(cases)('%s', (_title, made, expected) => {
    expect(made).toBe(expected)
  })

  test('is a secret as soon as one part is', () => {
    const made = text`
      user app
      password ${secret}
    `
    expect(made).toBeInstanceOf(Secret)
    expect(made instanceof Secret && made.reveal()).toBe(`user app\npassword ${hidden}\n`)
  })

  test('a secret arrives unchanged, whatever white space it holds', () => {
    const odd = '\n a\n\n b \n\t'
    const made = text`${new Secret(odd)}`
    expect(made instanceof Secret && made.reveal()).toBe(odd)
  })

  test('plain`…` refuses a secret', () => {
    expect(plain`a ${1}`).toBe('a 1')
    // @ts-expect-error a secret is no printable value
    expect(() => plain`a ${secret}`).toThrow(/secret/)
  })
})

test('join makes a secret of texts with a secret among them', () => {
  expect(join(['a', 'b'], ',')).toBe('a,b')
  const made = join(['a', secret], ',')
  expect(made instanceof Secret && made.reveal()).toBe(`a,${hidden}`)
})

test('join takes no undefined, and no hole either, for an empty text', () => {
  const parts: readonly string[] = ['a', undefined as unknown as string]
  expect(() => join(parts, ',')).toThrow('undefined stands as part 2 of a joined text')
  expect(() => join(new Array<string>(1), ',')).toThrow('undefined stands as part 1')
})

describe('what no text should show is thrown, with its place', () => {
  const bad = (value: unknown) => value as string
  test.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [['a'], 'a list'],
    [{ a: 1 }, 'a mapping'],
    [() => 'a', 'a function'],
  ])('%s', (value, name) => {
    const made = () => text`
      # a comment
      port ${6379} of ${bad(value)}
    `
    expect(made).toThrow(new TypeError(`${name} stands in line 3 of a text, after "port … of "`))
    expect(() => plain`${bad(value)}`).toThrow(new TypeError(`${name} stands in line 1 of a text`))
  })

  test('a boolean is text', () => {
    expect(text`tls ${bad(true)}`).toBe('tls true')
  })
})
