import { expect, test } from 'vitest'
import { nearest } from '../../../lib/inventory/nearest.ts'

test.each([
  ['redis_maxmemroy', ['redis_maxmemory', 'redis_port'], 'redis_maxmemory'],
  ['bd', ['app', 'db', 'edge'], 'db'],
  ['DB', ['app', 'db'], 'db'],
  ['check', ['checks', 'chek'], 'checks'],
  ['web', ['edge', 'database'], undefined],
  ['anything', [], undefined],
  ['staging', ['lab', 'production', 'stagng'], 'stagng'],
  ['port', ['prot', 'post'], 'prot'],
])('%s among %j is %s', (word, candidates, expected) => {
  expect(nearest(word, candidates)).toBe(expected)
})
