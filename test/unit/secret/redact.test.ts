import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConnectionError, TimeoutError } from '../../../lib/connection/error.ts'
import { StepError } from '../../../lib/engine/error.ts'
import { QuaysideError } from '../../../lib/error.ts'
import { feed, quote, sh } from '../../../lib/script/index.ts'
import { formsOf } from '../../../lib/secret/forms.ts'
import { redact, redactDeep, Secret, text } from '../../../lib/secret/index.ts'
import { Scan, shown } from '../../../lib/secret/scan.ts'

const odd = `pa'ss "wörd" %/+$&\\x`
const key = `-----BEGIN PRIVATE KEY-----\nMIIBVAIBADANBgkqhkiG9w0\nshort\nBAQEFAASCAT4wggE6AgEAAk\n-----END PRIVATE KEY-----\n`
new Secret('hunter2-swordfish')
new Secret(odd)
new Secret(key)

describe('a secret is found', () => {
  const cases: readonly [string, string][] = [
    ['as it is', `x${odd}y`],
    ['in JSON', JSON.stringify({ password: odd })],
    ['in JSON that is ASCII alone', JSON.stringify({ p: odd }).replaceAll('ö', '\\u00f6')],
    ['in a URL', `postgres://app:${encodeURIComponent(odd)}@db/app`],
    ['in a URL, in small letters', encodeURIComponent(odd).replace(/%../g, (code) => code.toLowerCase())],
    ['in a form', new URLSearchParams({ p: odd }).toString()],
    ["as a shell's word", quote(odd)],
    ['escaped as bash does', String.raw`pa\'ss\ \"wörd\"\ %/+\$\&\\x`],
    ['in base64', Buffer.from(odd).toString('base64')],
    ['in base64 with a newline', Buffer.from(`${odd}\n`).toString('base64')],
    ['in an Authorization header', `Basic ${Buffer.from(`app:${odd}`).toString('base64')}`],
    ['in the middle of base64', Buffer.from(`ab${odd}cd`).toString('base64')],
    ['in base64 for URLs', Buffer.from(`app:${odd}`).toString('base64url')],
    ['in hex', Buffer.from(`x${odd}`).toString('hex')],
    ['in hex of large letters', `\\x${Buffer.from(odd).toString('hex').toUpperCase()}`],
    ['as feed sends it', feed(new Secret(odd)).reveal()],
  ]
  test.each(cases)('%s', (_how, written) => {
    const told = redact(written)
    expect(told).toContain('[secret]')
    // What is left over of it is at most the characters that base64 shares with the neighbours.
    expect(told.length).toBeLessThan(written.length)
    for (const piece of ['ss \\"w', 'ss%20', 'ss "w', odd.slice(0, 6)]) expect(told).not.toContain(piece)
  })

  test('each longer line of one with several, not its fences', () => {
    expect(redact('> BAQEFAASCAT4wggE6AgEAAk <')).toBe('> [secret] <')
    expect(redact(key)).toBe('[secret]')
    expect(redact('-----BEGIN PRIVATE KEY-----')).toBe('-----BEGIN PRIVATE KEY-----')
    expect(redact('short')).toBe('short')
  })

  test('where several overlap, all of them go', () => {
    new Secret('abcdefgh')
    new Secret('fghijklm')
    new Secret('abcd')
    expect(redact('1abcdefghijklm2')).toBe('1[secret]2')
    expect(redact('1abcde2 fghijklm3')).toBe('1[secret]e2 [secret]3')
  })
})

test('whatever the secret and whatever stands around it', () => {
  const secret = fc.string({ minLength: 4, maxLength: 60, unit: 'binary' })
  const around = fc.string({ maxLength: 30, unit: 'binary' })
  const encoders: readonly ((value: string) => string)[] = [
    (value) => value,
    (value) => JSON.stringify(value),
    (value) => encodeURIComponent(value),
    (value) => value.replaceAll("'", `'\\''`),
  ]
  fc.assert(
    fc.property(secret, around, around, fc.constantFrom(...encoders), (value, before, after, encode) => {
      fc.pre(value.trim().length >= 4 && !shown.includes(value.trim()))
      const scan = new Scan()
      for (const form of formsOf(value)) scan.add(form)
      const encoded = encode(value.trim())
      expect(scan.replace(before + encoded + after)).not.toContain(encoded)
    }),
    { numRuns: 500 },
  )
})

test('text of ours that holds a secret hides the secret, not itself', () => {
  const conf = text`
    port 6379
    maxmemory-policy allkeys-lru
    requirepass ${new Secret('swordfish-of-redis')}
  `
  expect(conf).toBeInstanceOf(Secret)
  expect(redact('maxmemory-policy allkeys-lru\nrequirepass swordfish-of-redis\n')).toBe(
    'maxmemory-policy allkeys-lru\nrequirepass [secret]\n',
  )
  // A line of base64 that the host repeats, wherever in it the secret stands.
  const sent = feed(conf).reveal().split('\n')[1] ?? ''
  expect(Buffer.from(sent, 'base64').toString()).toContain('swordfish')
  expect(redact(`base64: invalid: ${sent}`)).toBe('base64: invalid: [secret]')
})

test('of fewer than four characters it is not looked for', () => {
  new Secret('abc')
  expect(redact('abc')).toBe('abc')
})

describe('everything in data', () => {
  test('lists, mappings and their keys; what holds none stays the same object', () => {
    const clean = { a: [{ b: 1, c: 'd' }], e: null }
    expect(redactDeep(clean)).toBe(clean)
    expect(redactDeep({ a: ['x hunter2-swordfish'], 'hunter2-swordfish': 1 })).toEqual({
      a: ['x [secret]'],
      '[secret]': 1,
    })
  })

  test('an error: message, stack, fields and cause, in place, also in a circle', () => {
    const cause = new Error('hunter2-swordfish is wrong')
    const error = Object.assign(new QuaysideError('it said hunter2-swordfish', { cause, hint: odd }), {
      stderr: 'hunter2-swordfish',
    })
    cause.cause = error
    expect(redactDeep({ error }).error).toBe(error)
    for (const each of [error.message, error.stack, error.hint, error.stderr, cause.message, cause.stack])
      expect(each?.includes('[secret]') && !each.includes('hunter2')).toBe(true)
  })

  test('an error that cannot be changed is replaced', () => {
    const error = Object.freeze(new Error('hunter2-swordfish'))
    expect(redactDeep(error).message).toBe('[secret]')
  })
})

describe('errors hold none from the start', () => {
  const said = 'psql: hunter2-swordfish\n'
  test('StepError', () => {
    const error = new StepError('db-1', 'apply hunter2-swordfish', { code: 1, stderr: said, hint: said })
    const held = [error.message, error.stack, error.stderr, error.step, error.hint].join()
    expect(held).not.toContain('hunter2')
    expect(error.message).toBe('db-1: apply [secret]: ended with code 1\n    psql: [secret]')
  })
  test.each([ConnectionError, TimeoutError])('%s', (Kind) => {
    const error = new Kind('db-1', `the shell said ${said}`, { hint: said })
    expect(`${error.message}${error.stack}${error.hint}`).not.toContain('hunter2')
  })
})

test('a script as a person may see it', () => {
  const script = sh`base64 -d > /etc/x${feed(new Secret('hunter2-swordfish'))}`
  expect(`${script}${JSON.stringify(script)}`).not.toContain(
    Buffer.from('hunter2').toString('base64').slice(0, 9),
  )
  expect(String(script)).toContain('[secret]')
})

test('ten megabytes without a secret pass as they are, though a thousand are known; the rate is printed', () => {
  for (let index = 0; index < 1000; index += 1) new Secret(`secret-${index}-${(index * 7919) % 1000}-value`)
  const line = 'Nov 24 04:00:00 host nginx[123]: GET /api/search?q=harbour 200 0.012 {"release":"v1.4.2"}\n'
  const big = line.repeat(Math.ceil(1e7 / line.length))
  redact('warm')
  const started = performance.now()
  expect(redact(big)).toBe(big)
  const ms = performance.now() - started
  console.log(`redact: ${((big.length / ms) * 1000) / 1e6} M characters a second`)
})
