import { expect, test } from 'vitest'
import { merged } from '../../../lib/swarm/keep.ts'
import type { Kept, StackDeployed } from '../../../lib/swarm/kept.ts'

const release = (id: string, day: number): StackDeployed => ({
  id,
  images: {},
  config: `c0${id}`,
  at: `2026-11-0${day}T10:00:00.000Z`,
  by: 'anna@laptop',
  kind: 'deploy',
})
const [one, two, three] = [release('v1', 1), release('v2', 2), release('v3', 3)] as const
const none: Kept = { history: [], file: '' }

test.each<[string, readonly Kept[], readonly string[], string]>([
  ['nothing was deployed yet', [none, none], [], ''],
  [
    'all alike',
    [
      { history: [one], file: 'of v1' },
      { history: [one], file: 'of v1' },
    ],
    ['v1'],
    'of v1',
  ],
  [
    'one that was away goes by an older release',
    [
      { history: [one], file: 'of v1' },
      { history: [one, two], file: 'of v2' },
    ],
    ['v1', 'v2'],
    'of v2',
  ],
  [
    'one that was away for the deploy before the last has a gap',
    [
      { history: [one, three], file: 'of v3' },
      { history: [one, two, three], file: 'of v3' },
    ],
    ['v1', 'v2', 'v3'],
    'of v3',
  ],
  [
    'one whose file is lost',
    [
      { history: [one, two], file: '' },
      { history: [one, two], file: 'of v2' },
    ],
    ['v1', 'v2'],
    'of v2',
  ],
])('%s', (_, all, ids, file) => {
  const kept = merged(all)
  expect([kept.history.map(({ id }) => id), kept.file]).toEqual([ids, file])
})
