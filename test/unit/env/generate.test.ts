import { expect, test } from 'vitest'
import { alphanumeric, generate } from '../../../lib/env/generate.ts'
import { weakness } from '../../../lib/env/weakness.ts'

test('as long as asked, of the alphabet alone, and each another', () => {
  const made = Array.from({ length: 200 }, () => generate({ length: 32, alphabet: alphanumeric }))
  expect(new Set(made).size).toBe(200)
  for (const each of made) expect(each).toMatch(/^[A-Za-z0-9]{32}$/)
  // Every character of the alphabet comes up: 6,400 draws of 62 miss one of them in one run of 10^43.
  expect(new Set(made.join('')).size).toBe(62)
})

test.each([
  { length: 8, alphabet: alphanumeric },
  { length: 100, alphabet: 'aaaa' },
])('what could be guessed is not made: %o', (how) => {
  expect(() => generate(how)).toThrow(/128 bits/)
})

test.each([
  ['postgres', 'is one that is tried first'],
  ['changeme', 'is one that is tried first'],
  ['Password123!', 'is one that is tried first'],
  ['your-password-here', 'is one that is tried first'],
  ['xk3!pQ', 'has fewer than 16 characters'],
  ['abababababababababababab', 'repeats a few characters'],
  ['xK2mQ9wLr4Tz7Bn5', undefined],
])('%s %s', (text, why) => {
  expect(weakness(text)).toBe(why)
})
