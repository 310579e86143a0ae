/** How a resource, or a handler, ended on a host. `pending`: a check run would change it. */
export type Outcome = 'changed' | 'unchanged' | 'pending' | 'unknown' | 'failed'

/** What happens during a run; every reporter lives on these alone. Times are milliseconds. */
export type Event =
  | { readonly type: 'run'; readonly playbook: string; readonly env: string; readonly check: boolean }
  | { readonly type: 'play'; readonly hosts: string; readonly roles: readonly string[] }
  | { readonly type: 'note'; readonly text: string; readonly host?: string }
  | { readonly type: 'step'; readonly text: string; readonly ms?: number }
  | { readonly type: 'applying'; readonly host: string; readonly id: string }
  | {
      readonly type: 'resource'
      readonly host: string
      readonly role: string
      readonly id: string
      readonly outcome: Outcome
      readonly summary?: string
      readonly diff?: string
      readonly ms: number
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
      readonly error: Error
    }
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
  state: 'ok' | 'failed' | 'unreachable'
}
