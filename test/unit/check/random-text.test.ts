import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { randomTexts } from '../../../lib/check/random-text.ts'

test('texts of random bytes are found, but for the odd one that has few digits', () => {
  for (const encoding of ['base64', 'base64url'] as const) {
    const tokens = Array.from({ length: 200 }, (_, turn) =>
      // Parts between slashes are looked at by themselves: 48 bytes leave one long enough.
      createHash('sha384').update(String(turn)).digest(encoding).replaceAll('/', 'x'),
    )
    const found = tokens.filter((token) => randomTexts(`key: ${token}\n`).includes(5))
    expect(found.length).toBeGreaterThan(195)
  }
})

const sum = createHash('sha512').update('x').digest('base64')

test.each([
  'registry.lab:5000/agentlab/api@sha256:e7926bab98712be623ce211ae7926bab98712be623ce211a2be623ce211a2be6',
  `"integrity": "sha512-${sum}"`,
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIF0vvVQWmXh8mYPRlEcDxZVbLUnlNZ0lV0p1KqPnDyZP alice',
  'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kfwp25qvs8h4a0d',
  'restartContainerWhenItsSpecHasChanged2Times1',
  'POSTGRES_EFFECTIVE_CACHE_SIZE_MB_2048',
  '------------------------------------------------',
  '9dca589e3fc9c658d61cedc97ebfac0d48876720d48ec8dca',
])('%s is no secret', (text) => {
  expect(randomTexts(text)).toEqual([])
})
