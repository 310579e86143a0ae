/**
 * How a resource, or a handler, ended on a host. `pending`: a check run would change it; `unknown`: it hangs on a
 * pending change; `skipped`: another host did it for all (run once).
 */
export type Outcome = 'changed' | 'unchanged' | 'pending' | 'unknown' | 'failed' | 'skipped'

/**
 * What happens during a run; every reporter lives on these alone. Times are milliseconds: `ms` is how long it took.
 * Anything with a `host` is about that host; several hosts interleave, one host's events are in order.
 */
export type Event =
  | { readonly type: 'run'; readonly playbook: string; readonly env: string; readonly check: boolean }
  /** `hosts` is the play's pattern, `on` the names of the hosts it is played on now; serial batches come one by one */
  | {
      readonly type: 'play'
      readonly hosts: string
      readonly on: readonly string[]
      readonly roles: readonly string[]
      readonly batch?: { readonly index: number; readonly of: number }
    }
  | { readonly type: 'note'; readonly text: string; readonly host?: string }
  | { readonly type: 'step'; readonly text: string; readonly ms?: number }
  /** what was asked for, as data: the answer of a playbook that changes nothing, such as status, is `of` its name */
  | { readonly type: 'result'; readonly of: string; readonly data: Readonly<Record<string, unknown>> }
  | { readonly type: 'connecting'; readonly host: string }
  | { readonly type: 'connected'; readonly host: string; readonly ms: number }
  /** `count` resources were looked at in one round trip */
  | { readonly type: 'probed'; readonly host: string; readonly count: number; readonly ms: number }
  | {
      readonly type: 'applying'
      readonly host: string
      readonly role: string
      readonly id: string
      readonly summary: string
    }
  /** what a change or handler printed, for -vvv */
  | {
      readonly type: 'output'
      readonly host: string
      readonly id: string
      readonly stdout: string
      readonly stderr: string
    }
  | {
      readonly type: 'retrying'
      readonly host: string
      readonly id: string
      readonly attempt: number
      readonly of: number
      readonly why: string
    }
  | {
      readonly type: 'resource'
      readonly host: string
      readonly role: string
      readonly id: string
      readonly outcome: Outcome
      readonly summary?: string
      readonly diff?: string
      /** the host that it was done on instead */
      readonly delegate?: string
      readonly ms: number
    }
  /** the plan said one thing and the run found another: a fault of the resource, or of the order in its role */
  | {
      readonly type: 'mispredicted'
      readonly host: string
      readonly id: string
      readonly predicted: string
      readonly actual: string
    }
  | {
      readonly type: 'handler'
      readonly host: string
      readonly id: string
      readonly outcome: Outcome
      /** true when an earlier run owed it */
      readonly debt: boolean
      readonly ms: number
    }
  | {
      readonly type: 'host-failed'
      readonly host: string
      readonly unreachable: boolean
      /** the resource it failed at, where it was one */
      readonly id?: string
      readonly error: Error
    }
  /** a play, or its batch, is done with a host: nothing failed on it */
  | { readonly type: 'played'; readonly host: string }
  /** hosts that a play leaves out because it stopped: too many failures, or any error is fatal */
  | {
      readonly type: 'play-stopped'
      readonly hosts: string
      readonly why: string
      readonly left: readonly string[]
    }
  /** what ended the run before its end: no host's failure alone, or the person who stopped it */
  | { readonly type: 'run-failed'; readonly interrupted: boolean; readonly error: Error }
  | { readonly type: 'recap'; readonly tallies: readonly Tally[]; readonly ms: number }

export type Emit = (event: Event) => void

/** What a run did on one host. */
export interface Tally {
  readonly host: string
  unchanged: number
  changed: number
  /** what a check run would change, or could not tell */
  pending: number
  handlers: number
  /** resources passed over: run once elsewhere */
  skipped: number
  /** failures that the playbook dealt with: the host was played on after it */
  rescued: number
  /** `left-out`: nothing failed on it, but its play stopped before it was done */
  state: 'ok' | 'failed' | 'unreachable' | 'left-out'
}
