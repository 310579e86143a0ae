import { expect, test } from 'vitest'
import { type Sighting, servedAt } from '../../../lib/backup/served.ts'

const sighting = (at: string, id: string): Sighting => ({ at, release: { id, images: {} }, by: id })
const all = [
  sighting('2026-11-25T10:00:00.500Z', 'v2'),
  sighting('2026-11-24T02:01:00Z', 'v1'),
  sighting('2026-11-26T02:00:00.000Z', 'v3'),
]

test.each([
  ['2026-11-24T02:00:59Z', undefined],
  ['2026-11-24T02:01:00Z', 'v1'],
  ['2026-11-25T10:00:00.499Z', 'v1'],
  ['2026-11-25T10:00:00.500Z', 'v2'],
  ['2026-11-30T00:00:00Z', 'v3'],
])('at %s %s was served', (moment, id) => {
  expect(servedAt(all, new Date(moment))?.release.id).toBe(id)
})

test('nobody knows where nobody has said anything', () => {
  expect(servedAt([], new Date())).toBeUndefined()
})
