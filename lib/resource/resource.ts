import { QuaysideError } from '../error.ts'
import type { Script } from '../script/index.ts'
import type { ResourceManner } from './manner.ts'

/** A change that a host needs, as data: what, how it looks, and the script that makes it so. */
export interface Change {
  readonly kind: 'change'
  /** a few words: "create", "mode 0644 → 0600", "restart: configuration changed" */
  readonly summary: string
  /** lines that begin with "-", "+", " " or "@@" (the head of a hunk); secrets never among them */
  readonly diff?: string
  /** Run it as a plain command, not before || or && or in an if: there the shell ignores `set -e`. */
  readonly apply: Script
  /**
   * Its apply calls `oweNow` by itself, right before it changes anything: a file that its check refuses owes nothing, where
   * a handler that is owed for nothing would reload a server under its clients' hands
   */
  readonly owesItself?: true
  /** seconds that the apply may take; 600 unless told */
  readonly timeoutSeconds?: number
  /** true when a fresh probe cannot tell that it was done: a command without creates or unless */
  readonly unverifiable?: boolean
  /**
   * what the host lacks for it: the directory that a file goes to, its owner. An earlier change may bring it; else it is
   * the failure of a real run, before it touches anything, and of check mode
   */
  readonly lacks?: string
  /** the host goes down and comes up again: it is waited for, for so many seconds, before anything else is done */
  readonly restartSeconds?: number
  /** takes what the apply printed on standard output to where it belongs on this machine: a fetched file */
  readonly receive?: (stdout: string) => Promise<void>
  /** a change that could cut off the way to the host: it stays only when a new connection can be had after it */
  readonly confirm?: Confirm
}

/** How a change is confirmed. The host itself must take it back when nobody comes to confirm it: our run may die. */
export interface Confirm {
  /** run over a connection that is opened for it, after the apply: keeps the change, for good */
  readonly script: Script
  /** run over the connection of the apply, where no new one could be had or `script` failed: takes the change back */
  readonly undo: Script
  /** what becomes of the change where `undo` fails, too, in words */
  readonly otherwise: string
}

export interface Unchanged {
  readonly kind: 'unchanged'
}

/** Cannot be told before an earlier change was made: the user of a file is not there yet, docker is not installed. */
export interface Unknown {
  readonly kind: 'unknown'
  readonly reason: string
}

export type Plan = Change | Unchanged | Unknown

export const unchanged: Unchanged = { kind: 'unchanged' }

export function unknown(reason: string): Unknown {
  return { kind: 'unknown', reason }
}

/** What a probe script printed, and how it ended. */
export interface Probed {
  readonly stdout: string
  readonly stderr: string
  readonly code: number
  /** what the resource's `here` found on this machine, where it has one */
  readonly here?: string
}

/** A thing that a host can have. */
export interface Resource {
  /** "file /etc/nginx/nginx.conf": unique in a play on a host */
  readonly id: string
  /** POSIX sh that changes nothing and prints what is there */
  readonly probe: Script
  /** Pure: no I/O, the same answer for the same observation. Throws a Conflict when a person has to decide. */
  plan(probed: Probed): Plan
  /** handlers of the role that owe a run once this resource has changed */
  readonly notify?: readonly string[]
  /** reads what is on this machine, for what is fetched from hosts; called before each plan, changes nothing */
  readonly here?: () => Promise<string>
  /** how the engine goes about it: tags, retries, where it runs; see manner.ts */
  readonly manner?: ResourceManner
}

/** What stands on the host is not ours to replace: a directory where a file should be, a unit that is masked. */
export class Conflict extends QuaysideError {}

/** Options that every resource takes. */
export interface Common {
  readonly notify?: string | readonly string[] | undefined
}

/**
 * A resource from its three parts: a probe, a reader of what it prints, and a plan over what was read. A probe that
 * ends with another code than 0 could not look, so the plan is unknown, for the reason that it gave on stderr.
 */
export function resource<Observed>(parts: {
  id: string
  probe: Script
  read: (probed: Probed) => Observed
  plan: (observed: Observed) => Plan
  notify?: string | readonly string[] | undefined
  here?: () => Promise<string>
}): Resource {
  const { id, probe, read, plan, notify, here } = parts
  return {
    id,
    probe,
    plan: (probed) => (probed.code === 0 ? plan(read(probed)) : unknown(whyNot(probed))),
    ...(notify === undefined ? {} : { notify: typeof notify === 'string' ? [notify] : notify }),
    ...(here === undefined ? {} : { here }),
  }
}

function whyNot({ stderr, code }: Probed): string {
  return stderr.trim().split('\n').at(-1) || `its probe ended with code ${code}`
}
