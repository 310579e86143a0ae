import { expect, test } from 'vitest'
import { profile } from '../../../lib/report/profile.ts'
import { recorded, sampleRun } from './sample-run.ts'

const lines = profile(recorded(sampleRun(5)), { paint: (_, text) => text, most: 3 })

test('the slowest changes, roles and hosts, and the phases of all', () => {
  expect(lines).toEqual([
    '',
    '  slowest',
    '    4.2s  edge-1  docker  packages docker.io, docker-compose: install docker.io 26.1, docker-compose 2.26',
    '    4.2s  edge-2  docker  packages docker.io, docker-compose: install docker.io 26.1, docker-compose 2.26',
    '    4.2s  app-2   docker  packages docker.io, docker-compose: install docker.io 26.1, docker-compose 2.26',
    '',
    '  by role',
    '    19.6s  docker  11 changes',
    '     8.6s  app     8 changes',
    '',
    '  by host',
    '    9.0s  app-1   failing 9.0s',
    '    8.1s  edge-1  connecting 0.3s, looking 0.6s, changing 6.4s, handlers 0.8s',
    '    8.1s  edge-2  connecting 0.3s, looking 0.6s, changing 6.4s, handlers 0.8s',
    '',
    '  time on hosts  connecting 1.2s, looking 2.3s, changing 23.6s, handlers 2.4s, failing 11.1s',
  ])
})

test('a run that did nothing has no tables', () => {
  expect(profile(recorded([]), { paint: (_, text) => text, most: 3 })).toEqual(['', '  time on hosts  none'])
})
