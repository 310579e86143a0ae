import type { Event, Outcome, Tally } from '../engine/event.ts'

/** A stretch of time in which a host was busy; milliseconds since 1970. */
export interface Span {
  readonly kind: 'connect' | 'look' | 'change' | 'handler' | 'failed'
  /** what was done, for a person */
  readonly label: string
  readonly role: string
  readonly start: number
  readonly end: number
}

/** How a resource or a handler ended on a host. */
export interface Result {
  readonly role: string
  readonly id: string
  readonly outcome: Outcome
  readonly summary?: string
  readonly diff?: string
  readonly delegate?: string
  readonly ms: number
}

export interface Failure {
  readonly host: string
  /** the resource it failed at, where it was one, and its role */
  readonly id?: string
  readonly role: string
  readonly unreachable: boolean
  readonly error: Error
  readonly at: number
}

export interface HostRecord {
  readonly name: string
  readonly spans: Span[]
  readonly results: Result[]
  readonly failures: Failure[]
  /** what happened on the way: attempts that failed, plans that were wrong, notes */
  readonly remarks: string[]
}

export interface Step {
  readonly text: string
  readonly end: number
  readonly ms?: number
}

/** A run as it was, for reports that are written when it is over. */
export interface Recording {
  playbook: string
  env: string
  check: boolean
  start: number
  end: number
  /** in the order that they were begun */
  readonly hosts: Map<string, HostRecord>
  readonly steps: Step[]
  readonly notes: string[]
  readonly stopped: { readonly hosts: string; readonly why: string; readonly left: readonly string[] }[]
  readonly tallies: Tally[]
  ended?: { readonly interrupted: boolean; readonly error: Error }
}

const clock = () => performance.timeOrigin + performance.now()

/** Records a run. `now` gives milliseconds since 1970. */
export function recorder(now: () => number = clock): {
  recording: Recording
  follow: (event: Event) => void
} {
  const recording: Recording = {
    playbook: '',
    env: '',
    check: false,
    start: now(),
    end: now(),
    hosts: new Map(),
    steps: [],
    notes: [],
    stopped: [],
    tallies: [],
  }
  const applying = new Map<string, { id: string; role: string; since: number }>()
  return { recording, follow: (event) => note(recording, applying, event, now()) }
}

function note(
  recording: Recording,
  applying: Map<string, { id: string; role: string; since: number }>,
  event: Event,
  at: number,
): void {
  recording.end = at
  const span = (host: string, kind: Span['kind'], label: string, role: string, ms: number) => {
    hostOf(recording, host).spans.push({ kind, label, role, start: at - ms, end: at })
  }
  switch (event.type) {
    case 'run':
      recording.playbook = event.playbook
      recording.env = event.env
      recording.check = event.check
      break
    case 'play':
      for (const host of event.on) hostOf(recording, host)
      break
    case 'note':
      if (event.host === undefined) recording.notes.push(event.text)
      else hostOf(recording, event.host).remarks.push(event.text)
      break
    case 'step':
      recording.steps.push({ text: event.text, end: at, ...(event.ms === undefined ? {} : { ms: event.ms }) })
      break
    case 'connecting':
      hostOf(recording, event.host)
      applying.set(event.host, { id: '', role: '', since: at })
      break
    case 'connected':
      applying.delete(event.host)
      span(event.host, 'connect', 'connect', '', event.ms)
      break
    case 'probed':
      span(
        event.host,
        'look',
        `look at ${event.count} ${event.count === 1 ? 'resource' : 'resources'}`,
        '',
        event.ms,
      )
      break
    case 'applying':
      applying.set(event.host, { id: event.id, role: event.role, since: at })
      break
    case 'retrying':
      hostOf(recording, event.host).remarks.push(
        `${event.id}: try ${event.attempt} of ${event.of} failed: ${event.why}`,
      )
      break
    case 'mispredicted':
      hostOf(recording, event.host).remarks.push(
        `${event.id}: the plan said "${event.predicted}", the run found "${event.actual}"`,
      )
      break
    case 'resource': {
      const { type: _, host, ...result } = event
      applying.delete(host)
      hostOf(recording, host).results.push(result)
      if (event.outcome === 'changed') span(host, 'change', labelOf(result), event.role, event.ms)
      break
    }
    case 'handler': {
      const { host, id, outcome, debt, ms } = event
      applying.delete(host)
      const role = id.includes('/') ? id.slice(0, id.indexOf('/')) : ''
      const summary = debt ? { summary: 'owed by an earlier run' } : {}
      const result = { role, id: `handler ${id}`, outcome, ...summary, ms }
      hostOf(recording, host).results.push(result)
      if (outcome === 'changed') span(host, 'handler', labelOf(result), role, ms)
      break
    }
    case 'host-failed': {
      const { host, unreachable, error } = event
      const begun = applying.get(host)
      applying.delete(host)
      const id = event.id ?? begun?.id
      const failure = { host, role: begun?.role ?? '', unreachable, error, at }
      hostOf(recording, host).failures.push(id ? { ...failure, id } : failure)
      const what = id || (unreachable ? 'connect' : 'failed')
      span(host, 'failed', what, begun?.role ?? '', begun === undefined ? 0 : at - begun.since)
      break
    }
    case 'play-stopped':
      recording.stopped.push({ hosts: event.hosts, why: event.why, left: event.left })
      break
    case 'run-failed':
      recording.ended = { interrupted: event.interrupted, error: event.error }
      break
    case 'recap':
      recording.tallies.push(...event.tallies.map((tally) => ({ ...tally })))
      for (const { host } of event.tallies) hostOf(recording, host)
      break
    case 'output':
    case 'played':
    case 'result':
      break
  }
}

function hostOf(recording: Recording, name: string): HostRecord {
  let host = recording.hosts.get(name)
  if (host === undefined) {
    host = { name, spans: [], results: [], failures: [], remarks: [] }
    recording.hosts.set(name, host)
  }
  return host
}

function labelOf({ id, summary }: Pick<Result, 'id' | 'summary'>): string {
  return summary === undefined || summary === '' ? id : `${id}: ${summary}`
}
