import type { Event } from '../engine/event.ts'

/** What a host does now, and since when (milliseconds of the same clock that `now` of the frame is read from). */
export interface Doing {
  readonly what: string
  readonly since: number
}

/** Where a run stands, as the live view shows it. */
export interface Progress {
  /** what is played now, and on whom: "docker on all" */
  readonly title: string
  /** hosts of the play, or as many as were begun where no play has begun yet */
  readonly hosts: ReadonlySet<string>
  readonly done: ReadonlySet<string>
  readonly failed: ReadonlySet<string>
  readonly doing: ReadonlyMap<string, Doing>
  readonly since: number
  /** true before the first play: every host is looked at */
  readonly looking: boolean
  readonly ended: boolean
}

export function begin(now: number): Progress {
  const none = new Set<string>()
  return {
    title: '',
    hosts: none,
    done: none,
    failed: none,
    doing: new Map(),
    since: now,
    looking: true,
    ended: false,
  }
}

/** The progress after one more event. */
export function advance(progress: Progress, event: Event, now: number): Progress {
  switch (event.type) {
    case 'run':
      return { ...progress, title: 'looking at the hosts' }
    case 'play': {
      const batch = event.batch === undefined ? '' : `, batch ${event.batch.index} of ${event.batch.of}`
      const title = `${event.roles.join(', ')} on ${event.hosts}${batch}`
      return {
        ...progress,
        title,
        hosts: new Set(event.on),
        done: new Set(),
        failed: new Set(),
        looking: false,
      }
    }
    case 'connecting':
      return doing(progress, event.host, 'connecting', now)
    case 'connected':
      return doing(progress, event.host, 'looking at what is there', now)
    case 'applying':
      return doing(progress, event.host, `${event.id}: ${event.summary}`, now)
    case 'retrying':
      return doing(progress, event.host, `${event.id}: again after try ${event.attempt} of ${event.of}`, now)
    case 'probed':
      // Before the first play this is all there is to do; a play looks again by itself, and is not done by that.
      return progress.looking ? done(progress, event.host) : idle(progress, event.host)
    case 'resource':
    case 'handler':
      return idle(progress, event.host)
    case 'played':
      return done(progress, event.host)
    case 'host-failed':
      return { ...idle(progress, event.host), failed: new Set(progress.failed).add(event.host) }
    case 'recap':
      return { ...progress, doing: new Map(), ended: true }
    default:
      return progress
  }
}

function doing(progress: Progress, host: string, what: string, since: number): Progress {
  const hosts = progress.hosts.has(host) ? progress.hosts : new Set(progress.hosts).add(host)
  return { ...progress, hosts, doing: new Map(progress.doing).set(host, { what, since }) }
}

function done(progress: Progress, host: string): Progress {
  return { ...idle(progress, host), done: new Set(progress.done).add(host) }
}

function idle(progress: Progress, host: string): Progress {
  if (!progress.doing.has(host)) return progress
  const rest = new Map(progress.doing)
  rest.delete(host)
  return { ...progress, doing: rest }
}
