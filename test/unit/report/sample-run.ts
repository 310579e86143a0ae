import { StepError } from '../../../lib/engine/error.ts'
import type { Event, Tally } from '../../../lib/engine/event.ts'
import { QuaysideError } from '../../../lib/error.ts'
import { type Recording, recorder } from '../../../lib/report/recording.ts'

/** An event and when it came, in milliseconds after the run's start. */
export type Timed = readonly [number, Event]

const begin = Date.UTC(2026, 10, 24, 9, 30)

/** What a recorder makes of events at given times. */
export function recorded(events: readonly Timed[]): Recording {
  let now = begin
  const { recording, follow } = recorder(() => now)
  for (const [at, event] of events) {
    now = begin + at
    follow(event)
  }
  return recording
}

export function tally(host: string, rest: Partial<Tally> = {}): Tally {
  const none = { unchanged: 0, changed: 0, pending: 0, handlers: 0, skipped: 0, rescued: 0 }
  return { host, ...none, state: 'ok', ...rest }
}

const names = ['edge-1', 'edge-2', 'app-1', 'app-2', 'db-1']
const hostName = (at: number, of: number) =>
  of <= names.length ? (names[at] ?? '') : `web-${String(at + 1).padStart(3, '0')}`

const changes = [
  [
    'docker',
    'packages docker.io, docker-compose',
    'install docker.io 26.1, docker-compose 2.26',
    4200,
    undefined,
  ],
  [
    'docker',
    'file /etc/docker/daemon.json',
    'content changed',
    90,
    '@@ -1,4 +1,5 @@\n {\n-  "log-driver": "json-file"\n+  "log-driver": "local",\n+  "live-restore": true\n }',
  ],
  ['app', 'directory /etc/quayside/app', 'create', 45, '+directory root:root 0750'],
  ['app', 'image registry.lab:5000/api:<script>alert(1)</script>', 'pull', 2100, undefined],
] as const

/**
 * The events of a run over hosts, the third of which is away, and the fourth fails, in this order; with one host it is
 * well. Each host takes a little longer than the one before.
 */
export function sampleRun(count: number): readonly Timed[] {
  const timed: Timed[] = [[0, { type: 'run', playbook: 'site', env: 'lab', check: false }]]
  const tallies: Tally[] = []
  const on: string[] = []
  for (let at = 0; at < count; at += 1) {
    const host = hostName(at, count)
    const start = 20 + (at % 10) * 12 + Math.floor(at / 10) * 350
    timed.push([start, { type: 'connecting', host }])
    if (at % 50 === 2) {
      const error = new QuaysideError(`${host}: 192.0.2.7:22 did not answer within 10 seconds`, {
        hint: 'is the host up, and is the address right? ping 192.0.2.7',
        exitCode: 4,
      })
      timed.push([start + 9000, { type: 'host-failed', host, unreachable: true, error }])
      tallies.push(tally(host, { state: 'unreachable' }))
      continue
    }
    on.push(host)
    timed.push([start + 310, { type: 'connected', host, ms: 300 }])
    timed.push([start + 900, { type: 'probed', host, count: 12, ms: 580 }])
    timed.push(...hostEvents(host, 1500 + start + at * 2, count > 1 && at % 50 === 3, tallies))
  }
  timed.push([1400, { type: 'play', hosts: 'all', on, roles: ['docker', 'app'] }])
  timed.sort(([one], [other]) => one - other)
  const last = (timed.at(-1)?.[0] ?? 0) + 40
  return [...timed, [last, { type: 'recap', tallies, ms: last }]]
}

function hostEvents(host: string, start: number, fails: boolean, tallies: Tally[]): Timed[] {
  const timed: Timed[] = []
  let now = start
  for (const [role, id, summary, ms, diff] of changes) {
    timed.push([now, { type: 'applying', host, role, id, summary }])
    now += ms
    if (fails && ms === 2100) {
      const stderr =
        'Error response from daemon: manifest for registry.lab:5000/api not found\nmanifest unknown'
      const hint = 'was it pushed? npx zx playbooks/build.ts --env lab --release TAG'
      const error = new StepError(host, `${id}: ${summary}`, { code: 1, stderr, hint })
      timed.push([now, { type: 'host-failed', host, unreachable: false, id, error }])
      tallies.push(tally(host, { unchanged: 8, changed: 3, state: 'failed' }))
      return timed
    }
    const rest = diff === undefined ? {} : { diff }
    timed.push([now, { type: 'resource', host, role, id, outcome: 'changed', summary, ms, ...rest }])
    now += 15
  }
  timed.push([now, { type: 'resource', host, role: 'app', id: 'user app', outcome: 'unchanged', ms: 0 }])
  timed.push([
    now + 820,
    { type: 'handler', host, id: 'docker/restart docker', outcome: 'changed', debt: false, ms: 800 },
  ])
  timed.push([now + 830, { type: 'played', host }])
  tallies.push(tally(host, { unchanged: 9, changed: 4, handlers: 1 }))
  return timed
}
